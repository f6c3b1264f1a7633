//! Akan day names, and other given names and family names common in Ghana.
//!
//! A child is named after the weekday of birth, from Sunday on.

use super::Word;

pub(super) const FEMALE_DAYS: &[Word] = &[
    ("Akosua", "", "Esi"),
    ("Adwoa", "", "Adjoa"),
    ("Abena", "", "Araba"),
    ("Akua", "", "Ekua"),
    ("Yaa", "", "Aba"),
    ("Afua", "", "Efua"),
    ("Ama", "", "Amma"),
];

pub(super) const MALE_DAYS: &[Word] = &[
    ("Kwasi", "", "Akwasi"),
    ("Kwadwo", "", "Kojo"),
    ("Kwabena", "", "Kobina"),
    ("Kwaku", "", "Kweku"),
    ("Yaw", "", "Yao"),
    ("Kofi", "", "Fiifi"),
    ("Kwame", "", "Kwamena"),
];

pub(super) const FEMALE: &[Word] = &[
    ("Grace", "", "Grase"),
    ("Mary", "", "Marie"),
    ("Abigail", "", "Abigael"),
    ("Comfort", "", "Komfort"),
    ("Felicia", "", "Felisia"),
    ("Mercy", "", "Mercie"),
    ("Esther", "", "Ester"),
    ("Beatrice", "", "Beatris"),
    ("Gladys", "", "Gladis"),
    ("Patience", "", "Pacience"),
];

pub(super) const MALE: &[Word] = &[
    ("Emmanuel", "", "Immanuel"),
    ("Samuel", "", "Samuell"),
    ("Daniel", "", "Daniell"),
    ("Isaac", "", "Issac"),
    ("Joseph", "", "Josef"),
    ("Ebenezer", "", "Ebenezar"),
    ("Stephen", "", "Steven"),
    ("Francis", "", "Frances"),
    ("Michael", "", "Micheal"),
    ("Richard", "", "Richerd"),
];

pub(super) const FAMILY: &[Word] = &[
    ("Mensah", "", "Mensa"),
    ("Owusu", "", "Owoosu"),
    ("Boateng", "", "Boaten"),
    ("Asante", "", "Asanti"),
    ("Osei", "", "Ossei"),
    ("Appiah", "", "Apia"),
    ("Agyeman", "", "Agyemang"),
    ("Amoah", "", "Amoa"),
    ("Addo", "", "Ado"),
    ("Ofori", "", "Offori"),
    ("Frimpong", "", "Frempong"),
    ("Antwi", "", "Antwie"),
    ("Opoku", "", "Poku"),
    ("Acheampong", "", "Achampong"),
    ("Darko", "", "Darku"),
    ("Sarpong", "", "Sarpon"),
    ("Amponsah", "", "Amponsa"),
    ("Gyamfi", "", "Jamfi"),
    ("Donkor", "", "Donkoh"),
    ("Yeboah", "", "Yeboa"),
];
