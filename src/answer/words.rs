//! Words that stand around a number: units that are dress, and words that change its value and so are not.

/// Measures and money that are dress even without `\text{…}`.
const UNITS: [&str; 74] = [
    "degree",
    "degrees",
    "deg",
    "cm",
    "mm",
    "km",
    "inch",
    "inches",
    "foot",
    "feet",
    "ft",
    "yard",
    "yards",
    "mile",
    "miles",
    "meter",
    "meters",
    "metre",
    "metres",
    "centimeter",
    "centimeters",
    "centimetre",
    "centimetres",
    "kilometer",
    "kilometers",
    "kilometre",
    "kilometres",
    "millimeter",
    "millimeters",
    "kg",
    "gram",
    "grams",
    "kilogram",
    "kilograms",
    "pound",
    "pounds",
    "lb",
    "lbs",
    "ounce",
    "ounces",
    "oz",
    "liter",
    "liters",
    "litre",
    "litres",
    "gallon",
    "gallons",
    "hour",
    "hours",
    "hr",
    "hrs",
    "minute",
    "minutes",
    "mins",
    "second",
    "seconds",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "dollar",
    "dollars",
    "cent",
    "cents",
    "unit",
    "units",
    "square",
    "cubic",
    "mph",
    "euros",
];

/// Words that change the number beside them, or make it one of several, or make it inexact.
const VALUE_CHANGING: [&str; 82] = [
    "minus",
    "negative",
    "plus",
    "positive",
    "not",
    "no",
    "half",
    "halves",
    "third",
    "thirds",
    "quarter",
    "quarters",
    "twice",
    "thrice",
    "double",
    "triple",
    "times",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "millions",
    "billion",
    "billions",
    "trillion",
    "dozen",
    "dozens",
    "squared",
    "cubed",
    "about",
    "approximately",
    "approx",
    "around",
    "roughly",
    "nearly",
    "almost",
    "less",
    "more",
    "fewer",
    "greater",
    "larger",
    "smaller",
    "than",
    "over",
    "under",
    "least",
    "most",
    "between",
    "or",
    "sqrt",
    "root",
    "power",
    "base",
    "factorial",
    "pi",
    "log",
    "ln",
    "exp",
    "sin",
    "cos",
    "tan",
    "sec",
    "csc",
    "cot",
    "sinh",
    "cosh",
    "tanh",
    "arcsin",
    "arccos",
    "arctan",
    "mod",
    "modulo",
    "max",
    "min",
    "gcd",
    "lcm",
    "inf",
    "infinity",
    "infinite",
    "frac",
    "mod",
];

/// Words that make a number a date or a time of day.
const CALENDAR: [&str; 24] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "am",
    "pm",
    "p",
    "noon",
    "midnight",
];

/// Number words that stand for a value on their own.
const NUMBERS: [(&str, u32); 28] = [
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

/// Tells whether `word` is a measure or a kind of money.
pub(super) fn is_unit(word: &str) -> bool {
    let word = word.to_lowercase();
    UNITS.contains(&word.as_str())
}

/// Tells whether `word` is an everyday word of one or two letters.
pub(super) fn is_short_word(word: &str) -> bool {
    const SHORT: [&str; 23] = [
        "a", "I", "A", "of", "in", "is", "to", "at", "it", "he", "we", "by", "on", "as", "so", "my", "us", "be", "th",
        "st", "nd", "rd", "ml",
    ];
    SHORT.contains(&word)
}

/// Tells whether one letter in text is a unit: metres, grams, seconds, temperatures, and an article.
pub(super) fn is_unit_letter(letter: &str) -> bool {
    ["m", "g", "s", "h", "l", "L", "C", "F", "N", "J", "W", "V", "K", "a"].contains(&letter)
}

/// Tells whether `word` beside a number makes it another value, or may.
pub(super) fn changes_value(word: &str) -> bool {
    let word = word.to_lowercase();
    [&VALUE_CHANGING[..], &CALENDAR[..]].iter().any(|list| list.contains(&word.as_str()))
        || NUMBERS.iter().any(|(name, _)| *name == word)
}

/// Tells whether `word` can say how much, so that words with it are not surely another thing than a number.
pub(super) fn may_be_value(word: &str) -> bool {
    let word = word.to_lowercase();
    let roman = word.chars().all(|letter| "ivxlcdm".contains(letter));
    roman || changes_value(&word) || ["none", "nothing", "nil", "all", "undefined", "never"].contains(&word.as_str())
}

/// Gives the value of a number word (`five`).
pub(super) fn number_word(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    NUMBERS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

/// What some phrases say, whatever their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing fulfils what is asked for: the empty set.
    Nothing,
    /// What is asked for does not exist.
    Absent,
    Undefined,
    Impossible,
    AllReals,
    Yes,
    True,
    No,
    False,
}

const PHRASES: [(&str, Said); 34] = [
    ("no solution", Said::Nothing),
    ("no solutions", Said::Nothing),
    ("there is no solution", Said::Nothing),
    ("there are no solutions", Said::Nothing),
    ("has no solution", Said::Nothing),
    ("has no solutions", Said::Nothing),
    ("none", Said::Nothing),
    ("empty set", Said::Nothing),
    ("the empty set", Said::Nothing),
    ("does not exist", Said::Absent),
    ("do not exist", Said::Absent),
    ("it does not exist", Said::Absent),
    ("doesn t exist", Said::Absent),
    ("don t exist", Said::Absent),
    ("dne", Said::Absent),
    ("d n e", Said::Absent),
    ("undefined", Said::Undefined),
    ("is undefined", Said::Undefined),
    ("not defined", Said::Undefined),
    ("is not defined", Said::Undefined),
    ("impossible", Said::Impossible),
    ("not possible", Said::Impossible),
    ("it is impossible", Said::Impossible),
    ("all real numbers", Said::AllReals),
    ("all reals", Said::AllReals),
    ("any real number", Said::AllReals),
    ("every real number", Said::AllReals),
    ("the set of all real numbers", Said::AllReals),
    ("the real numbers", Said::AllReals),
    ("yes", Said::Yes),
    ("true", Said::True),
    ("no", Said::No),
    ("false", Said::False),
    ("the set of real numbers", Said::AllReals),
];

/// Tells what a phrase in lower case says, where it is a usual one.
pub(super) fn said(text: &str) -> Option<Said> {
    PHRASES.iter().find(|(phrase, _)| *phrase == text).map(|(_, said)| *said)
}

impl Said {
    /// Tells whether it denies something.
    pub(super) fn denies(self) -> bool {
        !matches!(self, Said::AllReals | Said::Yes | Said::True)
    }

    /// Tells whether two things that are said may come to the same.
    pub(super) fn is_near(self, other: Said) -> bool {
        let affirms = |said| matches!(said, Said::Yes | Said::True);
        self.denies() && other.denies() || affirms(self) && affirms(other)
    }
}

/// Tells whether a word denies something.
pub(super) fn is_denial(word: &str) -> bool {
    ["no", "not", "none", "never", "nothing", "without", "cannot", "impossible", "undefined", "false", "t"]
        .contains(&word)
}
