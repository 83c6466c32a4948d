//! Porter's stemmer as NLTK has it (`PorterStemmer`, mode `NLTK_EXTENSIONS`), which rouge-score uses:
//! Porter 1980 with NLTK's irregular words and its changes to the steps 1a, 1b, 1c, 2 and 5. Words are
//! lower-case ASCII letters and digits; other stemmers of that name differ on thousands of words.

/// Words NLTK does not stem by rule.
const IRREGULAR: &[(&str, &str)] = &[
    ("sky", "sky"),
    ("skies", "sky"),
    ("dying", "die"),
    ("lying", "lie"),
    ("tying", "tie"),
    ("news", "news"),
    ("innings", "inning"),
    ("inning", "inning"),
    ("outings", "outing"),
    ("outing", "outing"),
    ("cannings", "canning"),
    ("canning", "canning"),
    ("howe", "howe"),
    ("proceed", "proceed"),
    ("exceed", "exceed"),
    ("succeed", "succeed"),
];

/// Endings of step 2, their replacements; each needs a measure above zero before it.
const STEP_2: &[(&str, &str)] = &[
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
    ("fulli", "ful"),
];

/// Endings of step 3, likewise.
const STEP_3: &[(&str, &str)] = &[
    ("icate", "ic"),
    ("ative", ""),
    ("alize", "al"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ful", ""),
    ("ness", ""),
];

/// Endings that step 4 takes away when the measure before them is above one.
const STEP_4: &[&str] = &[
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
];

/// The stem of a word of ASCII letters and digits.
pub(super) fn stem(word: &str) -> String {
    if let Some((_, stem)) = IRREGULAR.iter().find(|(irregular, _)| *irregular == word) {
        return (*stem).to_owned();
    }
    if word.len() <= 2 {
        return word.to_owned();
    }
    let mut word = word.to_owned();
    plural(&mut word);
    past_and_gerund(&mut word);
    final_y(&mut word);
    double_suffix(&mut word);
    replace_ending(&mut word, STEP_3);
    single_suffix(&mut word);
    final_e(&mut word);
    if word.ends_with("ll") && 1 < measure(&word[..word.len() - 1]) {
        word.pop();
    }
    word
}

/// Step 1a.
fn plural(word: &mut String) {
    let cut = match word.as_str() {
        short if short.ends_with("ies") && short.len() == 4 => 1,
        long if long.ends_with("sses") || long.ends_with("ies") => 2,
        kept if kept.ends_with("ss") => 0,
        other if other.ends_with('s') => 1,
        _ => 0,
    };
    word.truncate(word.len() - cut);
}

/// Step 1b.
fn past_and_gerund(word: &mut String) {
    if word.ends_with("ied") {
        let cut = if word.len() == 4 { 1 } else { 2 };
        word.truncate(word.len() - cut);
        return;
    }
    if let Some(stem) = word.strip_suffix("eed") {
        if 0 < measure(stem) {
            word.pop();
        }
        return;
    }
    let endings = ["ed", "ing"].into_iter();
    let mut stems = endings.filter_map(|ending| word.strip_suffix(ending));
    let Some(stem) = stems.find(|stem| contains_vowel(stem)) else {
        return;
    };
    word.truncate(stem.len());
    let keeps_double = word.ends_with(['l', 's', 'z']);
    if word.ends_with("at") || word.ends_with("bl") || word.ends_with("iz") {
        word.push('e');
    } else if ends_double_consonant(word) {
        if !keeps_double {
            word.pop();
        }
    } else if measure(word) == 1 && ends_short(word) {
        word.push('e');
    }
}

/// Step 1c.
fn final_y(word: &mut String) {
    let Some(stem) = word.strip_suffix('y') else {
        return;
    };
    if 1 < stem.len() && consonants(stem).last() == Some(&true) {
        word.pop();
        word.push('i');
    }
}

/// Step 2.
fn double_suffix(word: &mut String) {
    if word
        .strip_suffix("alli")
        .is_some_and(|stem| 0 < measure(stem))
    {
        word.truncate(word.len() - 2);
    }
    // The `l` of `logi` counts to what is before it. No other ending of the step ends so.
    if word.ends_with("logi") {
        if 0 < measure(&word[..word.len() - 3]) {
            word.pop();
        }
        return;
    }
    replace_ending(word, STEP_2);
}

/// Replaces the first ending of the list that the word has, when the measure before it is above zero.
fn replace_ending(word: &mut String, endings: &[(&str, &str)]) {
    let found = endings
        .iter()
        .find_map(|(ending, replacement)| Some((word.strip_suffix(ending)?.len(), replacement)));
    if let Some((length, replacement)) = found
        && 0 < measure(&word[..length])
    {
        word.truncate(length);
        word.push_str(replacement);
    }
}

/// Step 4.
fn single_suffix(word: &mut String) {
    let Some(ending) = STEP_4.iter().find(|ending| word.ends_with(**ending)) else {
        return;
    };
    let stem = &word[..word.len() - ending.len()];
    if 1 < measure(stem) && (*ending != "ion" || stem.ends_with(['s', 't'])) {
        word.truncate(stem.len());
    }
}

/// Step 5a.
fn final_e(word: &mut String) {
    let Some(stem) = word.strip_suffix('e') else {
        return;
    };
    let measure = measure(stem);
    if 1 < measure || (measure == 1 && !ends_short(stem)) {
        word.pop();
    }
}

/// Whether each letter is a consonant: not a vowel, and `y` only at the start or after a vowel.
fn consonants(word: &str) -> Vec<bool> {
    let mut flags: Vec<bool> = Vec::with_capacity(word.len());
    for letter in word.bytes() {
        flags.push(match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' => false,
            b'y' => flags.last().is_none_or(|consonant| !consonant),
            _ => true,
        });
    }
    flags
}

/// Porter's measure: how often a consonant follows a vowel.
fn measure(stem: &str) -> usize {
    let flags = consonants(stem);
    flags.windows(2).filter(|pair| !pair[0] && pair[1]).count()
}

fn contains_vowel(stem: &str) -> bool {
    consonants(stem).contains(&false)
}

fn ends_double_consonant(word: &str) -> bool {
    match word.as_bytes() {
        [.., one, other] => one == other && consonants(word).last() == Some(&true),
        _ => false,
    }
}

/// Ends in consonant, vowel, consonant other than `w`, `x`, `y`; or is a vowel and a consonant.
fn ends_short(word: &str) -> bool {
    match consonants(word).as_slice() {
        [false, true] => true,
        [.., true, false, true] => !word.ends_with(['w', 'x', 'y']),
        _ => false,
    }
}
