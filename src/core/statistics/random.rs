//! Seeded randomness: what is drawn follows from the seed and the number of the draw alone, so that it
//! depends neither on threads nor on what else is drawn. (Generator xoshiro256++ of Blackman and Vigna.)

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

/// The generator of one resample. Both numbers are scrambled first: the generator expands its seed by
/// steps of a constant, so that close seeds could share state.
#[must_use]
pub fn generator(seed: u64, index: u32) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(scrambled(scrambled(seed).wrapping_add(u64::from(index))))
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014): a bijection without fixed structure.
#[must_use]
pub fn scrambled(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A number below `count`, each as likely to within `count` / 2^64.
pub fn below(generator: &mut Xoshiro256PlusPlus, count: usize) -> usize {
    // The high half of the product.
    ((u128::from(generator.next_u64()) * count as u128) >> 64) as usize
}

/// A number in [0, 1), one of the 2^53 multiples of 2^-53.
pub fn uniform(generator: &mut Xoshiro256PlusPlus) -> f64 {
    unit(generator.next_u64())
}

/// The top 53 bits as a number in [0, 1).
pub(super) fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Fills `weights` with how often each row is drawn in this resample; they sum to their number.
pub fn draw_rows(weights: &mut [u32], seed: u64, index: u32) {
    weights.fill(0);
    let mut generator = generator(seed, index);
    for _ in 0..weights.len() {
        weights[below(&mut generator, weights.len())] += 1;
    }
}
