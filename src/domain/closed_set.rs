//! Closed sets of words that are the same in SQL, JSON, TypeScript and logs.

/// Declares an enum whose variants are words: one spelling for the database, the wire and the log.
///
/// `ALL` lists every variant (tables and tests walk it), `as_str` and `FromStr` are the spelling.
macro_rules! closed_set {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, ts_rs::TS)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
            /// The word used in SQL, JSON and logs.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $word),* } }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::domain::closed_set::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word { $($word => Ok(Self::$variant),)* _ => Err($crate::domain::closed_set::UnknownWord(stringify!($name))) }
            }
        }
        impl TryFrom<String> for $name {
            type Error = $crate::domain::closed_set::UnknownWord;
            fn try_from(word: String) -> Result<Self, Self::Error> { word.parse() }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
    };
}
pub(crate) use closed_set;

/// A word that is not of the named set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a word of {0}")]
pub struct UnknownWord(pub &'static str);
