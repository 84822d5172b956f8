//! Tables of fields: plain `'static` data, written once per kind.

/// A table of fields: a section, a fault, a property, a distribution.
#[derive(Debug, PartialEq)]
pub struct Kind {
    /// Its name, as it is written.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// Its fields, in the order in which they are explained.
    pub fields: &'static [Field],
    /// The field meant when a bare value stands in place of the table: `{exponential: 80ms}`.
    pub short: Option<&'static str>,
}

impl Kind {
    /// A table without a short form.
    pub const fn new(name: &'static str, doc: &'static str, fields: &'static [Field]) -> Self {
        Self { name, doc, fields, short: None }
    }

    /// With a short form: a bare value stands for `field`.
    #[must_use]
    pub const fn short(mut self, field: &'static str) -> Self {
        self.short = Some(field);
        self
    }

    /// The field called `name`.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One field of a table.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// Its name, as it is written.
    pub name: &'static str,
    /// What may stand there.
    pub ty: FieldType,
    /// What holds if nothing stands there.
    pub default: Default,
    /// Where the default comes from; empty if there is none.
    pub source: &'static str,
    /// What it means, in a sentence.
    pub doc: &'static str,
}

impl Field {
    /// A field that must be written.
    pub const fn required(name: &'static str, ty: FieldType, doc: &'static str) -> Self {
        Self { name, ty, default: Default::Required, source: "", doc }
    }

    /// A field that may be left out and then means "none".
    pub const fn optional(name: &'static str, ty: FieldType, doc: &'static str) -> Self {
        Self { name, ty, default: Default::Optional, source: "", doc }
    }

    /// A field that has the value `text`, read as if it had been written, unless another one is; with where it comes from.
    pub const fn with(
        name: &'static str,
        ty: FieldType,
        text: &'static str,
        source: &'static str,
        doc: &'static str,
    ) -> Self {
        Self { name, ty, default: Default::Text(text), source, doc }
    }

    /// A list, map or table that is empty unless written.
    pub const fn empty(name: &'static str, ty: FieldType, doc: &'static str) -> Self {
        Self { name, ty, default: Default::Empty, source: "", doc }
    }

    /// A field with a default that depends on other parts of the scenario: `rule` says how.
    pub const fn derived(
        name: &'static str,
        ty: FieldType,
        rule: &'static str,
        source: &'static str,
        doc: &'static str,
    ) -> Self {
        Self { name, ty, default: Default::Derived(rule), source, doc }
    }
}

/// What holds if a field is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// It must be written.
    Required,
    /// There is no value.
    Optional,
    /// This value, read as if it had been written.
    Text(&'static str),
    /// An externally tagged table: tag, then fields with their values.
    Tagged(&'static str, &'static [(&'static str, &'static str)]),
    /// An empty list, map or table.
    Empty,
    /// A value that depends on the rest of the scenario; the text says how. Absent until the section that owns the
    /// table fills it in with [`Values::settle`](super::Values::settle).
    Derived(&'static str),
}

/// What may stand in a field.
#[derive(Debug, PartialEq)]
pub enum FieldType {
    /// Any text.
    Text,
    /// A name others can refer to: letters, digits, `_`, `-` and `.`, at most 64.
    Name,
    /// `true` or `false`.
    Flag,
    /// A whole number, with `k`, `M` or `G`.
    Count {
        /// The smallest allowed.
        min: u64,
        /// The largest allowed.
        max: u64,
    },
    /// A whole number, or one of some words.
    CountOr {
        /// The smallest allowed.
        min: u64,
        /// The largest allowed.
        max: u64,
        /// The words.
        words: &'static [&'static str],
    },
    /// A number without a unit.
    Decimal {
        /// The smallest allowed.
        min: f64,
        /// The largest allowed.
        max: f64,
    },
    /// A length of time, from zero to ten years.
    Span,
    /// A length of time, longer than zero, up to ten years.
    PositiveSpan,
    /// A share of a whole, at most 100 %.
    Ratio,
    /// A proportion that may exceed one, up to a thousandfold.
    Quotient,
    /// A rate above zero, at most 100 million per second.
    Rate,
    /// The same, or never.
    RateOrZero,
    /// A rate, or how often something is known to happen: `{incident: data_centre}`.
    Frequency,
    /// A size.
    Bytes,
    /// How fast data move, above zero.
    Throughput,
    /// A distribution of time, or a plain span for a constant.
    Distribution,
    /// The name of something declared elsewhere.
    Reference(Referent),
    /// The name of something declared elsewhere, or one of some words: a name that is declared comes first.
    ReferenceOr(Referent, &'static [&'static str]),
    /// One of some words.
    Choice(&'static [&'static str]),
    /// An expression, kept as text with its place.
    Expression,
    /// A list.
    List(&'static Self),
    /// A map from names of any choice to values.
    Map(&'static Self),
    /// A map from declared names to values.
    Per(Referent, &'static Self),
    /// One value for all, or a map from declared names to values.
    AllOrPer(Referent, &'static Self),
    /// A table.
    Table(&'static Kind),
    /// Exactly one of some tables, under its name: `{zipf: {count: 10}}`.
    OneOf(&'static [&'static Kind]),
    /// Exactly one of some tables under its name, or a table that needs none: `pass`, `{holds: ">= 95%"}`.
    OneOfOr(&'static [&'static Kind], &'static Kind),
    /// Anything; its owner reads it.
    Any,
}

/// What a name refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Referent {
    /// A region.
    Region,
    /// A service, by its name in every region.
    Service,
    /// A database.
    Database,
    /// A bucket.
    Bucket,
    /// A provider.
    Provider,
    /// A DNS record.
    Record,
    /// A person who can be paged.
    Person,
    /// A population of clients.
    Workload,
    /// A fault of the schedule.
    Fault,
    /// A procedure that control can run.
    Procedure,
    /// A controller.
    Controller,
}

impl Referent {
    /// Its word, in the singular and in the plural.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Region => ("region", "regions"),
            Self::Service => ("service", "services"),
            Self::Database => ("database", "databases"),
            Self::Bucket => ("bucket", "buckets"),
            Self::Provider => ("provider", "providers"),
            Self::Record => ("DNS record", "DNS records"),
            Self::Person => ("person", "people"),
            Self::Workload => ("workload", "workloads"),
            Self::Fault => ("fault", "faults"),
            Self::Procedure => ("procedure", "procedures"),
            Self::Controller => ("controller", "controllers"),
        }
    }
}

impl FieldType {
    /// What is expected, in words, for messages and lists.
    pub fn describe(&self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Name => "a name (letters, digits, `_`, `-`, `.`)".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Count { min, max } => format!("a whole number from {min} to {max}"),
            Self::CountOr { min, max, words } => format!("a whole number from {min} to {max}, or {}", words.join(", ")),
            Self::Decimal { min, max } => format!("a number from {min} to {max}"),
            Self::Span => "a span such as `15m` or `200ms`".to_owned(),
            Self::PositiveSpan => "a span above zero, such as `15m` or `200ms`".to_owned(),
            Self::Ratio => "a share such as `10%`, at most 100%".to_owned(),
            Self::Quotient => "a proportion such as `150%`".to_owned(),
            Self::Rate => "a rate such as `500/s`".to_owned(),
            Self::RateOrZero => "a rate such as `500/s`, or `0/s`".to_owned(),
            Self::Frequency => "a rate such as `2/h`, or a known one such as `{incident: data_centre}`".to_owned(),
            Self::Bytes => "a size such as `300GB`".to_owned(),
            Self::Throughput => "an amount of data per time such as `60Mbit/s` or `100GB/h`".to_owned(),
            Self::Distribution => {
                "a span such as `20ms`, or a distribution such as `{lognormal: {median: 80ms, sigma: 0.6}}`".to_owned()
            }
            Self::Reference(referent) => format!("the name of a {}", referent.words().0),
            Self::ReferenceOr(referent, words) => {
                format!("the name of a {}, or {}", referent.words().0, words.join(", "))
            }
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Expression => "an expression such as `success >= 99%`".to_owned(),
            Self::List(element) => format!("a list, each element {}", element.describe()),
            Self::Map(value) => format!("a map from name to {}", value.describe()),
            Self::Per(referent, value) => format!("a map from {} to {}", referent.words().0, value.describe()),
            Self::AllOrPer(referent, value) => {
                format!("{}, or a map from {} to it", value.describe(), referent.words().0)
            }
            Self::Table(kind) => format!("a table of {}", field_names(kind)),
            Self::OneOf(kinds) => {
                format!("one of {}", kinds.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", "))
            }
            Self::OneOfOr(kinds, other) => {
                format!("{}, or {}", Self::OneOf(kinds).describe(), Self::Table(other).describe())
            }
            Self::Any => "a value".to_owned(),
        }
    }
}

fn field_names(kind: &Kind) -> String {
    kind.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
}
