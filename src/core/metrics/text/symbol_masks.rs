//! Where each symbol of a sequence stands, as bits: what the bit-parallel algorithms walk over.

use std::collections::HashMap;

/// Positions of the symbols of a pattern. Symbols that are rarer than one in a block keep a list of
/// positions, the others (at most 64 of them) bits, so that memory grows with the length alone.
#[derive(Debug)]
pub(super) struct SymbolMasks {
    blocks: usize,
    places: HashMap<u32, Places>,
    /// The mask of a rare symbol, written out.
    scratch: Vec<u64>,
}

#[derive(Debug)]
enum Places {
    Rare(Vec<u32>),
    Common(Vec<u64>),
}

impl SymbolMasks {
    /// The masks of a pattern.
    pub(super) fn new(pattern: &[u32]) -> Self {
        let blocks = pattern.len().div_ceil(64);
        let mut positions: HashMap<u32, Vec<u32>> = HashMap::new();
        for (position, symbol) in pattern.iter().enumerate() {
            positions.entry(*symbol).or_default().push(position as u32);
        }
        let places = positions.into_iter().map(|(symbol, positions)| {
            if positions.len() < blocks {
                return (symbol, Places::Rare(positions));
            }
            let mut bits = vec![0; blocks];
            set(&mut bits, &positions);
            (symbol, Places::Common(bits))
        });
        Self {
            blocks,
            places: places.collect(),
            scratch: vec![0; blocks],
        }
    }

    /// How many blocks of 64 positions there are.
    pub(super) fn blocks(&self) -> usize {
        self.blocks
    }

    /// A bit for every position of the symbol; none when the pattern lacks it.
    pub(super) fn of(&mut self, symbol: u32) -> Option<&[u64]> {
        match self.places.get(&symbol)? {
            Places::Common(bits) => Some(bits),
            Places::Rare(positions) => {
                self.scratch.fill(0);
                set(&mut self.scratch, positions);
                Some(&self.scratch)
            }
        }
    }
}

fn set(bits: &mut [u64], positions: &[u32]) {
    for position in positions {
        if let Some(block) = bits.get_mut(*position as usize / 64) {
            *block |= 1 << (position % 64);
        }
    }
}
