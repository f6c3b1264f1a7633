//! Records that collide: with few values, nearly alike, in part, or missing.

use proptest::prelude::*;
use proptest::sample::select;

use crate::people::Row;
pub(crate) fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just(String::new()),
        6 => select(vec!["Amina", "Aminah", "Hassan", "Xasan", "Tuti", "Abdul Rahman", "Abdulrahman",
            "Rahman Abdul", "A.", "José", "Jose Maria", "राम", "Ram", "محمد"]).prop_map(str::to_owned),
        2 => "[ab]{1,3}",
        1 => "[a-c]{2,5} [a-c]{2,5}",
    ]
}

pub(crate) fn born() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("1984".to_owned()),
        Just("1984-01-01".to_owned()),
        (1983_u16..1986, 1_u8..4, 1_u8..13).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}")),
        (1983_u16..1986, 1_u8..4, 1_u8..13).prop_map(|(y, m, d)| format!("{d}/{m}/{y}")),
    ]
}

pub(crate) fn row() -> impl Strategy<Value = Row> {
    let number = |digits: &'static str| prop_oneof![Just(String::new()), digits];
    let place = prop_oneof![
        Just(String::new()),
        Just("Tolaha South".to_owned()),
        "[ab]{3,8}"
    ];
    let sex = select(vec!["", "F", "M", "female"]).prop_map(str::to_owned);
    (
        [name(), name(), name()],
        sex,
        born(),
        number("07[12]{4,7}"),
        number("[ab]{1,3}[.]?[ab]{0,3}@[cd]{1,2}[.]org"),
        number("[12]{4,9}"),
        place,
    )
        .prop_map(
            |([given, family, father], sex, born, phone, email, number, village)| {
                [
                    given, family, father, sex, born, phone, email, number, village,
                ]
            },
        )
}

/// Values of any letters, but for NUL.
pub(crate) fn hostile() -> impl Strategy<Value = Row> {
    prop::array::uniform9(prop_oneof![
        "[^\\x00]{0,30}",
        "[0-9/. -]{0,12}",
        "\\PC{0,300}"
    ])
}
