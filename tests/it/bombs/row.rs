//! One row of the table.

/// The ways to make much of a construct.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// One that is large in itself.
    Large,
    /// Inside each other.
    Deep,
    /// Many different ones beside each other.
    Wide,
    /// A long name or text.
    Long,
    /// The same again and again.
    Repeated,
    /// Many of one construct times many of another.
    Product,
}

impl Shape {
    pub(super) const ALL: [Self; 6] = [Self::Large, Self::Deep, Self::Wide, Self::Long, Self::Repeated, Self::Product];
}

/// What a push may cost more than one that holds nothing, for each byte of its sources.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// Bytes of memory at its peak.
    pub(super) memory: u64,
    /// Microseconds of all processors together, in a build that is not optimised.
    pub(super) micros: u64,
}

/// Comments, white space, long texts and long names.
pub(super) const TEXT: Cost = Cost { memory: 30, micros: 2 };
/// Declarations: a few bytes of source are an element with a name, a place for each of its parts, and an encoding.
pub(super) const DECLARATIONS: Cost = Cost { memory: 300, micros: 10 };
/// The same far inside each other: every place holds the whole way to it.
pub(super) const NESTED: Cost = Cost { memory: 500, micros: 50 };

/// Files of a module: paths and texts.
pub(super) type Files = Vec<(String, String)>;

/// A source as a function of how much there is of what it is about.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) cost: Cost,
    /// How much there is in a usual run.
    pub(super) count: usize,
    pub(super) files: Box<dyn Fn(usize) -> Files + Send + Sync>,
    /// A part of what the push is refused with, if it is.
    pub(super) refusal: Option<&'static str>,
}

impl Row {
    /// A row of one file.
    pub(super) fn new(
        name: &'static str,
        shape: Shape,
        cost: Cost,
        count: usize,
        source: impl Fn(usize) -> String + Send + Sync + 'static,
    ) -> Self {
        Self::of_files(name, shape, cost, count, move |count| vec![("a.proto".into(), source(count))])
    }

    pub(super) fn of_files(
        name: &'static str,
        shape: Shape,
        cost: Cost,
        count: usize,
        files: impl Fn(usize) -> Files + Send + Sync + 'static,
    ) -> Self {
        Self { name, shape, cost, count, files: Box::new(files), refusal: None }
    }

    /// The same, refused in words that hold `expected`.
    pub(super) fn refused(self, expected: &'static str) -> Self {
        Self { refusal: Some(expected), ..self }
    }
}

/// `text` of every number below `count`.
pub(super) fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

/// The same with commas between.
pub(super) fn list(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect::<Vec<_>>().join(",")
}

/// A number for a field: not one of those that Protobuf keeps for itself.
pub(super) fn number(at: usize) -> usize {
    20_000 + at
}
