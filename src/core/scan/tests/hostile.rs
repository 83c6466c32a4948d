//! Bytes nobody wrote, and files that end early.

use proptest::prelude::*;

use super::*;

#[test]
fn a_file_shorter_than_announced_does_not_pass() {
    let bytes = std::fs::read(folder("benign/forest.joblib")).expect("committed");
    for length in [0_usize, 1, 10, bytes.len() / 2, bytes.len() - 1] {
        let mut content = Cursor::new(bytes.get(..length).expect("shorter"));
        let found = scan(
            "m.joblib",
            &mut content,
            bytes.len() as u64,
            &ScanPolicy::default(),
        );
        assert!(!blocking(&found).is_empty(), "{length}");
    }
}

#[test]
fn every_truncated_pickle_is_malformed() {
    let bytes = std::fs::read(folder("benign/pipeline-4.pkl")).expect("committed");
    for length in 1..bytes.len() {
        let part = bytes.get(..length).expect("shorter");
        assert!(!blocking(&scanned("m.pkl", part)).is_empty(), "{length}");
    }
}

#[test]
fn large_payloads_are_jumped_over() {
    /// A pickle of one bytes constant of 64 GiB, of which only the ends exist.
    struct Huge(u64);
    const SIZE: u64 = 64 << 30;
    const HEAD: [u8; 11] = [0x80, 4, 0x8e, 0, 0, 0, 0, 0x10, 0, 0, 0];
    impl std::io::Read for Huge {
        fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
            for (index, byte) in target.iter_mut().enumerate() {
                let at = self.0 + index as u64;
                *byte = match usize::try_from(at).ok().and_then(|at| HEAD.get(at)) {
                    Some(head) => *head,
                    None if at == SIZE + 11 => b'.',
                    None => 0,
                };
            }
            self.0 += target.len() as u64;
            Ok(target.len())
        }
    }
    impl std::io::Seek for Huge {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            if let std::io::SeekFrom::Start(position) = to {
                self.0 = position;
            }
            Ok(self.0)
        }
    }
    let found = scan("m.pkl", &mut Huge(0), SIZE + 12, &ScanPolicy::default());
    assert_eq!(found.coverage, Coverage::Scanned);
    assert!(blocking(&found).is_empty(), "{:#?}", found.evidence);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600), name in "[a-z]{1,3}(\\.(pkl|onnx|npy|safetensors|json|py))?") {
        invariants::sound(&name, &bytes);
    }

    #[test]
    fn any_opcodes_are_survived(opcodes in proptest::collection::vec(prop_oneof![
        proptest::sample::select(b"(.012BCFGIJKLMNPQRSTUVX]abcdeghijloprstuq)}\n\n\n".to_vec()), 0x80..=0x98_u8, 0..4_u8,
    ], 0..400)) {
        invariants::sound("m.pkl", &opcodes);
        invariants::joined_is_no_safer(&opcodes);
    }

    #[test]
    fn mutated_files_are_survived(pick in any::<proptest::sample::Index>(), edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6), cut in any::<proptest::sample::Index>(), shorten in any::<bool>()) {
        let files: Vec<_> = corpus("benign").into_iter().chain(corpus("malicious")).collect();
        let (name, mut bytes) = pick.get(&files).clone();
        if !bytes.is_empty() {
            for (place, value) in edits {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            if shorten {
                bytes.truncate(cut.index(bytes.len()));
            }
        }
        invariants::sound(&name, &bytes);
        invariants::renamed_is_no_safer(&bytes);
    }
}
