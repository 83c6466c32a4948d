//! Boxes in images, as pixels.

/// A box with sides along those of its image, in pixels; finite, sides of at least 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundingBox {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// What is in an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Object {
    /// Number of the image, from 0.
    pub image: u32,
    /// Number of the class, from 0.
    pub class: u32,
    /// Where it is.
    pub bounds: BoundingBox,
    /// Its area in square pixels, by which it is small, medium or large: less than that of its box where
    /// its outline is known.
    pub area: f64,
    /// Whether it is a crowd: it need not be found, and any number of detections may be of it.
    pub crowd: bool,
}

/// What a model found in an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detected {
    /// Number of the image, from 0.
    pub image: u32,
    /// Number of the class, from 0; `None` for one the truth does not know.
    pub class: Option<u32>,
    /// Where it is.
    pub bounds: BoundingBox,
    /// How sure the model is.
    pub score: f64,
}

/// Farthest an edge may be from the corner of its image: beyond any image, and products of such lengths
/// are finite.
const PIXELS_MAX: f64 = 1e9;

impl BoundingBox {
    /// The box with this corner at the top left, and these sides.
    ///
    /// # Errors
    /// A fragment that says what is wrong with it.
    pub fn of_sides([x, y, width, height]: [f64; 4]) -> Result<Self, String> {
        for (what, value) in [("x", x), ("y", y), ("width", width), ("height", height)] {
            within(what, value)?;
        }
        for (what, side) in [("width", width), ("height", height)] {
            if side < 0.0 {
                return Err(format!(
                    "the {what} of its box is {side}, must be at least 0"
                ));
            }
        }
        Ok(Self {
            x,
            y,
            width,
            height,
        })
    }

    /// The box between these edges: left, top, right and bottom.
    ///
    /// # Errors
    /// A fragment that says what is wrong with it.
    pub fn of_edges([xmin, ymin, xmax, ymax]: [f64; 4]) -> Result<Self, String> {
        for (what, value) in [("xmax", xmax), ("ymax", ymax)] {
            within(what, value)?;
        }
        for (least, most, ends) in [
            ("xmin", "xmax", (xmin, xmax)),
            ("ymin", "ymax", (ymin, ymax)),
        ] {
            if ends.1 < ends.0 {
                return Err(format!(
                    "`{most}` of its box is {}, below `{least}`, {}; where columns hold sides, name them as `width` and `height`",
                    ends.1, ends.0
                ));
            }
        }
        Self::of_sides([xmin, ymin, xmax - xmin, ymax - ymin])
    }

    /// Square pixels.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.width * self.height
    }

    /// What two boxes share, of what they cover together; of a crowd, of the detection alone. From 0 to 1,
    /// 0 where they share nothing.
    #[must_use]
    pub(super) fn overlap(&self, other: &Self, is_crowd: bool) -> f64 {
        let shared = |from: f64, to: f64, start: f64, end: f64| end.min(to) - start.max(from);
        let width = shared(self.x, self.width + self.x, other.x, other.width + other.x);
        let height = shared(
            self.y,
            self.height + self.y,
            other.y,
            other.height + other.y,
        );
        if width <= 0.0 || height <= 0.0 {
            return 0.0;
        }
        let both = width * height;
        let together = match is_crowd {
            true => self.area(),
            false => self.area() + other.area() - both,
        };
        both / together
    }
}

fn within(what: &str, value: f64) -> Result<(), String> {
    if value.is_finite() && value.abs() <= PIXELS_MAX {
        return Ok(());
    }
    Err(format!(
        "`{what}` of its box is {value}, which is no number of pixels"
    ))
}
