//! Common syllables of Burmese names, in Latin letters and in Burmese script. A name
//! has no family part: its two or three syllables are the whole name.

use super::Word;

pub(super) const FEMALE: &[Word] = &[
    ("Khin", "ခင်", "Hkin"),
    ("Hla", "လှ", "Hlah"),
    ("Mya", "မြ", "Mia"),
    ("Su", "စု", "Soo"),
    ("Aye", "အေး", "Ay"),
    ("Nu", "နု", "Noo"),
    ("Nwe", "နွယ်", "Nway"),
    ("Yi", "ရီ", "Yee"),
    ("Phyu", "ဖြူ", "Pyu"),
    ("San", "စန်း", "Sann"),
    ("Thida", "သီတာ", "Thidar"),
    ("Moe", "မိုး", "Mo"),
    ("Wai", "ဝေ", "Way"),
    ("Mar", "မာ", "Ma"),
    ("Thandar", "သန္တာ", "Thanda"),
    ("Ei", "အိ", "Ae"),
];

pub(super) const MALE: &[Word] = &[
    ("Aung", "အောင်", "Awng"),
    ("Kyaw", "ကျော်", "Kyo"),
    ("Zaw", "ဇော်", "Zor"),
    ("Htun", "ထွန်း", "Tun"),
    ("Myint", "မြင့်", "Myin"),
    ("Win", "ဝင်း", "Wynn"),
    ("Min", "မင်း", "Minn"),
    ("Soe", "စိုး", "So"),
    ("Thein", "သိန်း", "Thain"),
    ("Lin", "လင်း", "Linn"),
    ("Ko", "ကို", "Koe"),
    ("Naing", "နိုင်", "Nyein"),
    ("Oo", "ဦး", "U"),
    ("Htet", "ထက်", "Htat"),
    ("Tin", "တင်", "Tinn"),
    ("Than", "သန်း", "Thann"),
];
