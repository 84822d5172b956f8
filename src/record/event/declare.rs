//! How an event is declared, and what follows from a declaration.

/// Declares a family of events: an enum of them, and one of their kinds. The documentation of an event is its sentence in
/// the reference, so it is one line, or several that read as one.
macro_rules! events {
    (
        $(#[$about:meta])*
        $Family:ident, $Kind:ident;
        $(
            $(#[doc = $doc:literal])+
            $Variant:ident by $Actor:ident $pattern:literal { $($field:ident: $type:ty),* $(,)? } => $words:tt
        )*
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $Family {
            $(
                $(#[doc = $doc])+
                $Variant {
                    $(
                        #[doc = concat!("The `", stringify!($field), "` of it.")]
                        $field: $type,
                    )*
                },
            )*
        }

        #[doc = concat!("The kinds of [`", stringify!($Family), "`].")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $Kind {
            $(
                $(#[doc = $doc])+
                $Variant,
            )*
        }

        impl $Family {
            pub(super) fn kind(&self) -> $Kind {
                match self {
                    $( Self::$Variant { .. } => $Kind::$Variant, )*
                }
            }

            pub(super) fn name(&self) -> String {
                match self {
                    $( Self::$Variant { $($field),* } => {
                        // A field may stand in the words alone.
                        $( let _ = $field; )*
                        format!($pattern)
                    } )*
                }
            }

            pub(super) fn imprint(&self, into: &mut $crate::record::event::Imprint) {
                match self {
                    $( Self::$Variant { $($field),* } => {
                        into.text($pattern);
                        $( $crate::record::event::Fact::imprint($field, into); )*
                    } )*
                }
            }

            pub(super) fn words(&self) -> String {
                match self {
                    $( Self::$Variant { $($field),* } => {
                        // A field may stand in the name alone.
                        $( let _ = $field; )*
                        words!($words)
                    } )*
                }
            }
        }

        impl $Kind {
            pub(super) const ALL: &[Self] = &[$( Self::$Variant ),*];

            pub(super) const fn declaration(self) -> &'static $crate::record::event::Declaration {
                match self {
                    $( Self::$Variant => const { &$crate::record::event::Declaration {
                        pattern: $pattern,
                        actor: $crate::record::Actor::$Actor,
                        doc: concat!($($doc),+).trim_ascii_start(),
                    } }, )*
                }
            }
        }
    };
}

/// The words of an event: a sentence with its fields in it, or `{code}` that makes one.
macro_rules! words {
    ({ $($code:tt)* }) => { { $($code)* } };
    ($text:literal) => { format!($text) };
}

/// Puts the families together.
macro_rules! families {
    ($( $(#[doc = $doc:literal])+ $Name:ident($Family:ident, $Kind:ident) ),* $(,)?) => {
        /// Something that happened.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event {
            $( $(#[doc = $doc])+ $Name($Family), )*
            /// What somebody reported by name.
            Custom(CustomEvent),
        }

        /// What kind of thing happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum EventKind {
            $( $(#[doc = $doc])+ $Name($Kind), )*
        }

        impl Event {
            /// Which kind it is; `None`: something reported by a name that no declaration describes.
            pub fn kind(&self) -> Option<EventKind> {
                match self {
                    $( Self::$Name(event) => Some(EventKind::$Name(event.kind())), )*
                    Self::Custom(custom) => EventKind::of(custom.actor, &custom.name),
                }
            }

            /// Who brought it about.
            pub fn actor(&self) -> Actor {
                match self {
                    $( Self::$Name(event) => event.kind().declaration().actor, )*
                    Self::Custom(custom) => custom.actor,
                }
            }

            /// Its name in properties, such as `fault.dark` or `region_failover.switch_dns.done`.
            pub fn name(&self) -> String {
                match self {
                    $( Self::$Name(event) => event.name(), )*
                    Self::Custom(custom) => custom.name.clone(),
                }
            }

            /// What of it enters the digest.
            pub fn imprint(&self) -> Imprint {
                let mut imprint = Imprint::default();
                match self {
                    $( Self::$Name(event) => event.imprint(&mut imprint), )*
                    Self::Custom(custom) => imprint.text(&custom.name),
                }
                imprint
            }

            /// What happened, in words for a person.
            pub fn text(&self) -> String {
                match self {
                    $( Self::$Name(event) => event.words(), )*
                    Self::Custom(custom) => custom.text.clone(),
                }
            }
        }

        impl EventKind {
            /// Every kind there is, in the order of the reference.
            pub fn all() -> impl Iterator<Item = Self> {
                std::iter::empty() $( .chain($Kind::ALL.iter().map(|kind| Self::$Name(*kind))) )*
            }

            /// What it is called, who brings it about, and when.
            pub const fn declaration(self) -> &'static Declaration {
                match self {
                    $( Self::$Name(kind) => kind.declaration(), )*
                }
            }
        }

        $(
            impl From<$Family> for Event {
                fn from(event: $Family) -> Self {
                    Self::$Name(event)
                }
            }
        )*
    };
}
