//! Both sides of a difference between candidate and champion.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bound::Quantity;

/// What a difference to the champion is the difference of, and how small a one would have been found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The value of the candidate.
    pub candidate: Quantity,
    /// The value of the champion, on the same rows where rows are known.
    pub champion: Quantity,
    /// What could have been found; absent where nothing is known of chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detectable: Option<Detectable>,
}

/// The smallest true difference that a comparison tells from none: the minimum detectable effect.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Detectable {
    /// That difference, in the unit of the metric, > 0.
    pub difference: f64,
    /// The probability of finding it, a fraction: 0.8 for 80 %.
    pub power: f64,
}
