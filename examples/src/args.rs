//! Reads a program's arguments: a few words, and options that take a value or none.

use std::collections::BTreeMap;

/// What a program accepts. Anything else is refused, so that a misspelt option is not overlooked.
#[derive(Debug, Clone, Copy)]
pub struct Accepts {
    /// Words without a name, in their order, as they are called in messages.
    pub words: &'static [&'static str],
    /// Options that take a value; may be given more than once.
    pub values: &'static [&'static str],
    /// Those of them that may have several values behind one name.
    pub lists: &'static [List],
    /// Options without a value.
    pub flags: &'static [&'static str],
}

/// An option with several values behind one name.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// Its name.
    pub name: &'static str,
    /// Whether an argument behind the first value is one more, and not a word of the program.
    pub fits: fn(&str) -> bool,
}

/// The arguments as they were given.
///
/// ```
/// use billing_examples::args::{Accepts, Args};
/// let accepts = Accepts { words: &["FILE"], values: &["--as-of"], lists: &[], flags: &["--json"] };
/// let args = Args::read(accepts, ["a.csv", "--as-of", "2012-12-31", "--json"].map(String::from))?;
/// assert_eq!(args.word(0), Some("a.csv"));
/// assert_eq!(args.parsed::<String>("--as-of")?, Some("2012-12-31".to_owned()));
/// assert!(args.has("--json"));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Args {
    words: Vec<String>,
    values: BTreeMap<&'static str, Vec<String>>,
    flags: Vec<&'static str>,
}

impl Args {
    /// Sorts arguments out, the program's own name left out.
    ///
    /// # Errors
    /// A sentence that names the argument that does not fit.
    pub fn read(accepts: Accepts, given: impl IntoIterator<Item = String>) -> Result<Args, String> {
        let mut args = Args::default();
        let mut given = given.into_iter().peekable();
        while let Some(argument) = given.next() {
            let same = |name: &&&'static str| **name == argument;
            if let Some(name) = accepts.values.iter().find(same) {
                let value = given.next().ok_or_else(|| format!("{name} takes a value"))?;
                let values = args.values.entry(name).or_default();
                values.push(value);
                let list = accepts.lists.iter().find(|list| list.name == *name);
                while let Some(more) = given.next_if(|next| list.is_some_and(|list| (list.fits)(next))) {
                    values.push(more);
                }
            } else if let Some(name) = accepts.flags.iter().find(same) {
                args.flags.push(name);
            } else if argument.starts_with("--") {
                return Err(format!("there is no option {argument}"));
            } else if args.words.len() < accepts.words.len() {
                args.words.push(argument);
            } else {
                return Err(format!("{argument:?} is one argument too many"));
            }
        }
        Ok(args)
    }

    /// A word by its place, from 0.
    pub fn word(&self, place: usize) -> Option<&str> {
        self.words.get(place).map(String::as_str)
    }

    /// Whether an option without a value was given.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    /// The value of an option that may be given once, read as what it stands for.
    ///
    /// # Errors
    /// A sentence, where it was given twice or is not understood.
    pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, String> {
        let mut all = self.all(name)?;
        match all.len() {
            0 | 1 => Ok(all.pop()),
            _ => Err(format!("{name} is given once")),
        }
    }

    /// All values of an option, in their order.
    ///
    /// # Errors
    /// A sentence, where one is not understood.
    pub fn all<T: std::str::FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<Vec<T>, String> {
        let read = |text: &String| text.parse().map_err(|why| format!("{name} {text}: {why}"));
        self.values.get(name).into_iter().flatten().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCEPTS: Accepts = Accepts {
        words: &["FILE"],
        values: &["--n", "--m"],
        lists: &[List { name: "--m", fits: |text| text.parse::<u8>().is_ok() }],
        flags: &["--json"],
    };

    fn read(given: &[&str]) -> Result<Args, String> {
        Args::read(ACCEPTS, given.iter().map(|text| text.to_string()))
    }

    #[test]
    fn values_are_kept_in_their_order() {
        let args = read(&["--n", "2", "a", "--n", "1"]).unwrap();
        assert_eq!((args.all::<u8>("--n").unwrap(), args.word(0)), (vec![2, 1], Some("a")));
    }

    #[test]
    fn several_values_may_stand_behind_one_name() {
        for given in [
            &["a", "--m", "1", "2", "--m", "3", "--json"][..],
            &["--m", "1", "--m", "2", "3", "a", "--json"],
            &["--json", "--m", "1", "2", "3", "a"],
        ] {
            let args = read(given).unwrap();
            assert_eq!((args.all::<u8>("--m").unwrap(), args.word(0)), (vec![1, 2, 3], Some("a")));
            assert!(args.has("--json"));
        }
        // An option without a list has one value, and what is no value ends a list.
        assert_eq!(read(&["a", "--n", "1", "2"]).unwrap_err(), "\"2\" is one argument too many");
        assert_eq!(read(&["a", "--m", "1", "x"]).unwrap_err(), "\"x\" is one argument too many");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let wrong = |given: &[&str]| read(given).unwrap_err();
        assert_eq!(wrong(&["--jsn"]), "there is no option --jsn");
        assert_eq!(wrong(&["--n"]), "--n takes a value");
        assert_eq!(wrong(&["a", "b"]), "\"b\" is one argument too many");
        let args = read(&["--n", "x", "--n", "1"]).unwrap();
        assert_eq!(args.all::<u8>("--n").unwrap_err(), "--n x: invalid digit found in string");
        let twice = read(&["--n", "1", "--n", "1"]).unwrap();
        assert_eq!(twice.parsed::<u8>("--n").unwrap_err(), "--n is given once");
    }
}
