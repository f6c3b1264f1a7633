/// Declares a set of flags, held as the bits that TigerBeetle gives them.
macro_rules! flags {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$doc:meta])* $flag:ident = $bit:literal,)+ }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Default, Eq, Hash, PartialEq, ::serde::Deserialize, ::serde::Serialize,
        )]
        #[serde(transparent)]
        pub struct $name(u16);

        impl $name {
            /// No flag.
            pub const NONE: Self = Self(0);
            $(
                $(#[$doc])*
                pub const $flag: Self = Self(1 << $bit);
            )+
            const KNOWN: u16 = 0 $(| (1 << $bit))+;

            /// The flags whose bits are set in `bits`. The ledger refuses bits
            /// that mean nothing.
            #[must_use]
            pub const fn from_bits(bits: u16) -> Self {
                Self(bits)
            }

            /// The flags as bits.
            #[must_use]
            pub const fn bits(self) -> u16 {
                self.0
            }

            /// Whether all of `flags` are set.
            #[must_use]
            pub const fn contains(self, flags: Self) -> bool {
                self.0 & flags.0 == flags.0
            }

            /// Whether any of `flags` is set.
            #[must_use]
            pub const fn intersects(self, flags: Self) -> bool {
                self.0 & flags.0 != 0
            }

            /// These flags and `flags`.
            #[must_use]
            pub const fn with(self, flags: Self) -> Self {
                Self(self.0 | flags.0)
            }

            /// These flags but not `flags`.
            #[must_use]
            pub const fn without(self, flags: Self) -> Self {
                Self(self.0 & !flags.0)
            }

            pub(super) const fn has_reserved(self) -> bool {
                self.0 & !Self::KNOWN != 0
            }
        }

        impl ::std::ops::BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                self.with(other)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let mut set = f.debug_set();
                $(if self.contains(Self::$flag) {
                    set.entry(&::std::format_args!(::std::stringify!($flag)));
                })+
                if self.has_reserved() {
                    set.entry(&::std::format_args!("RESERVED"));
                }
                set.finish()
            }
        }
    };
}

pub(super) use flags;

#[cfg(test)]
mod tests {
    use crate::AccountFlags;

    #[test]
    fn flags_say_what_they_are_and_what_they_must_not_be() {
        let flags = AccountFlags::LINKED | AccountFlags::CLOSED | AccountFlags::from_bits(1 << 15);
        assert_eq!(format!("{flags:?}"), "{LINKED, CLOSED, RESERVED}");
        assert!(flags.has_reserved());
        assert!(!AccountFlags::from_bits(0b11_1111).has_reserved());
        assert!(AccountFlags::from_bits(0b100_0000).has_reserved());
    }
}
