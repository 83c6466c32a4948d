//! Every file of the corpora, damaged in the ways a parser trips over: cut, flipped, with other lengths. The damage
//! is the same in every run.

use std::time::{Duration, Instant};

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use super::*;

/// Damaged copies of each kind made of each file.
const COPIES: u64 = 2;
/// Bytes at the beginning, where the structure of most formats is.
const PART_BYTES: usize = 1 << 10;
/// Larger files have no structure that smaller ones have not.
const FILE_BYTES_MAX: usize = 32 << 10;
/// Longer than any scan of a small file takes on a slow machine.
const TIME_MAX: Duration = Duration::from_secs(60);
/// Numbers that lengths and offsets are replaced by.
const LIES: [u64; 6] = [0, 1, 0x7fff_ffff, 0xffff_ffff, 1 << 62, u64::MAX];

#[test]
fn damaged_files_are_survived_in_bounded_time() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(20_261_123);
    let files = corpus("benign").into_iter().chain(corpus("malicious"));
    let mut scanned_count = 0;
    // A bomb costs what the limits allow, however it is damaged.
    let small = files.filter(|(name, bytes)| {
        !name.contains("bomb") && (1..=FILE_BYTES_MAX).contains(&bytes.len())
    });
    for (name, bytes) in small {
        for copy in 0..COPIES {
            for damage in [cut, flip, lie] {
                let damaged = damage(bytes.clone(), copy, &mut random);
                let begun = Instant::now();
                invariants::sound(&name, &damaged);
                assert!(begun.elapsed() < TIME_MAX, "{name} takes too long");
                scanned_count += 1;
            }
        }
    }
    assert!(3_000 < scanned_count, "{scanned_count}");
}

/// A place near the beginning in most copies, anywhere in the others.
fn place(length: usize, copy: u64, random: &mut Xoshiro256PlusPlus) -> usize {
    let part = if copy == 0 {
        length
    } else {
        length.min(PART_BYTES)
    };
    (random.next_u64() % part as u64) as usize
}

fn cut(mut bytes: Vec<u8>, copy: u64, random: &mut Xoshiro256PlusPlus) -> Vec<u8> {
    bytes.truncate(place(bytes.len(), copy, random));
    bytes
}

fn flip(mut bytes: Vec<u8>, copy: u64, random: &mut Xoshiro256PlusPlus) -> Vec<u8> {
    for _ in 0..=copy {
        let place = place(bytes.len(), copy, random);
        bytes[place] ^= 1 << (random.next_u64() % 8);
    }
    bytes
}

fn lie(mut bytes: Vec<u8>, copy: u64, random: &mut Xoshiro256PlusPlus) -> Vec<u8> {
    let number = LIES[(random.next_u64() % LIES.len() as u64) as usize].to_le_bytes();
    let place = place(bytes.len(), copy, random);
    let width = if copy == 0 { 4 } else { 8 };
    for (byte, lie) in bytes.iter_mut().skip(place).zip(&number[..width]) {
        *byte = *lie;
    }
    bytes
}
