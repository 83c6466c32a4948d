//! Values made of several: the first that is there, one of two, the row as a whole.

use polars::prelude::PolarsResult;
use polars_arrow::array::{MutableBinaryViewArray, StaticArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;

use super::{Evaluated, Problem, Rows};
use crate::engines::local::data::Data;
use crate::engines::local::decimals;
use crate::engines::local::truth::both;
use crate::measure::{Condition, Decimal, Scalar, Value};

impl<'m> Rows<'m, '_> {
    /// The first value where the condition is true, the second elsewhere.
    pub(super) fn choose(
        &self,
        condition: &'m Condition,
        yes: &'m Value,
        no: &'m Value,
    ) -> Evaluated<Data> {
        let truth = self.truth(condition)?;
        let chosen = truth.yes();
        let yes = self.within(Some(chosen), || self.value(yes))?;
        let no = self.within(Some(&!chosen), || self.value(no))?;
        if let (Data::Integer(yes), Data::Integer(no)) = (&yes, &no) {
            return Ok(Data::Integer(picked(chosen, yes, no).collect()));
        }
        if let (Data::Instant(yes), Data::Instant(no)) = (&yes, &no) {
            return Ok(Data::Instant(picked(chosen, yes, no).collect()));
        }
        let sides = [&yes, &no];
        if sides.iter().any(|side| matches!(side, Data::Decimal(..)))
            && sides.iter().all(|side| is_exact(side))
        {
            let rows = chosen.iter().enumerate();
            let decimals: Vec<Option<Decimal>> = rows
                .map(|(row, chosen)| if chosen { &yes } else { &no }.decimal_at(row))
                .collect();
            if let Some(decimals) = decimals::of_decimals(&decimals) {
                return Ok(decimals);
            }
        }
        if let (Ok(yes), Ok(no)) = (yes.numbers(), no.numbers()) {
            return Ok(Data::Number(picked(chosen, &yes, &no).collect()));
        }
        let (yes, no) = (yes.texts()?, no.texts()?);
        Ok(Data::Text(texts(picked(chosen, &yes, &no))))
    }

    /// The first value that is not null.
    pub(super) fn coalesce(&self, values: &'m [Value]) -> Evaluated<Data> {
        let mut columns = Vec::with_capacity(values.len());
        // Rows that no value before has filled; absent while that is all of them.
        let mut open: Option<Bitmap> = None;
        for value in values {
            let data = self.within(open.as_ref(), || self.value(value))?;
            let null = match data.validity() {
                Some(validity) => !&validity,
                None => Bitmap::new_zeroed(self.len()),
            };
            open = both(open.as_ref(), Some(&null));
            columns.push(data);
        }
        let all_numbers = columns.iter().all(|data| {
            matches!(
                data,
                Data::Integer(_)
                    | Data::Unsigned(_)
                    | Data::Number(_)
                    | Data::Decimal(..)
                    | Data::Constant(
                        None | Some(
                            Scalar::Integer(_)
                                | Scalar::Unsigned(_)
                                | Scalar::Number(_)
                                | Scalar::Decimal(_)
                        ),
                        _
                    )
            )
        });
        if columns.iter().any(|data| matches!(data, Data::Decimal(..)))
            && columns.iter().all(is_exact)
        {
            let first = |row| columns.iter().find_map(|data| data.decimal_at(row));
            let decimals: Vec<Option<Decimal>> = (0..self.len()).map(first).collect();
            if let Some(decimals) = decimals::of_decimals(&decimals) {
                return Ok(decimals);
            }
        }
        if all_numbers {
            let arrays = columns
                .iter()
                .map(|data| {
                    data.numbers()
                        .map_err(|kind| Problem::Senseless(kind.to_owned()))
                })
                .collect::<Evaluated<Vec<_>>>()?;
            let first = |row| arrays.iter().find_map(|array| array.get(row));
            return Ok(Data::Number((0..self.len()).map(first).collect()));
        }
        let instants: Option<Vec<_>> = columns
            .iter()
            .map(|data| match data {
                Data::Instant(array) => Some(array),
                _ => None,
            })
            .collect();
        if let Some(arrays) = instants {
            let first = |row| arrays.iter().find_map(|array| array.get(row));
            return Ok(Data::Instant((0..self.len()).map(first).collect()));
        }
        let arrays = columns
            .iter()
            .map(Data::texts)
            .collect::<PolarsResult<Vec<_>>>()?;
        let first = |row| arrays.iter().find_map(|array| array.get(row));
        Ok(Data::Text(texts((0..self.len()).map(first))))
    }

    /// Every row as the text of a JSON object.
    pub(super) fn rows_as_json(&self) -> Evaluated<Utf8ViewArray> {
        let columns = self
            .table
            .facts()
            .columns
            .iter()
            .map(|column| {
                self.needs_all_digits(&column.name)?;
                let data = self.column(&column.name)?;
                fits_json(&column.name, &data)?;
                Ok((column.name.as_str(), data))
            })
            .collect::<Evaluated<Vec<_>>>()?;
        let mut texts = MutableBinaryViewArray::<str>::with_capacity(self.len());
        for row in 0..self.len() {
            let members = columns
                .iter()
                .map(|(name, data)| ((*name).to_owned(), data.json_at(row)));
            let object = serde_json::Value::Object(members.collect());
            texts.push(Some(object.to_string()));
        }
        Ok(texts.into())
    }
}

/// Refuses decimals that numbers of JSON, which are floating-point, would round.
fn fits_json(column: &str, data: &Data) -> Evaluated<()> {
    let is_beyond = |row| matches!(data.scalar_at(row), Some(Scalar::Decimal(_)));
    if matches!(data, Data::Decimal(..)) && (0..data.len()).any(is_beyond) {
        return Err(Problem::Unsupported(format!(
            "`{column}` holds decimals of more digits than a number of JSON keeps; hint: write them as text"
        )));
    }
    Ok(())
}

/// Whether values are decimals, or can be without loss.
fn is_exact(data: &Data) -> bool {
    match data {
        Data::Integer(_) | Data::Unsigned(_) | Data::Decimal(..) | Data::Constant(None, _) => true,
        Data::Constant(Some(scalar), _) => scalar.as_decimal().is_some(),
        Data::Number(_)
        | Data::Boolean(_)
        | Data::Text(_)
        | Data::Instant(_)
        | Data::Time(_)
        | Data::Other(_) => false,
    }
}

/// The first value where the row is chosen, the second elsewhere.
fn picked<'a, A: StaticArray>(
    chosen: &Bitmap,
    yes: &'a A,
    no: &'a A,
) -> impl Iterator<Item = Option<A::ValueT<'a>>> {
    chosen
        .iter()
        .enumerate()
        .map(|(row, chosen)| if chosen { yes.get(row) } else { no.get(row) })
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Utf8ViewArray {
    let mut texts = MutableBinaryViewArray::<str>::with_capacity(values.size_hint().0);
    values.for_each(|text| texts.push(text));
    texts.into()
}
