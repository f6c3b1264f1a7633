//! Common Javanese names: one name is the whole name. The other spelling of many is
//! that of before the reform of 1972.

use super::Word;

pub(super) const FEMALE: &[Word] = &[
    ("Siti", "", "Sitti"),
    ("Sri", "", "Srie"),
    ("Wati", "", "Watie"),
    ("Sumarni", "", "Soemarni"),
    ("Sulastri", "", "Soelastri"),
    ("Kartinah", "", "Kartina"),
    ("Suminah", "", "Soeminah"),
    ("Ngatinah", "", "Ngatina"),
    ("Partini", "", "Partinie"),
    ("Tukinah", "", "Toekinah"),
    ("Lestari", "", "Lestarie"),
    ("Wulandari", "", "Woelandari"),
    ("Endang", "", "Endhang"),
    ("Yuliani", "", "Juliani"),
    ("Rukmini", "", "Roekmini"),
    ("Sutinah", "", "Soetinah"),
    ("Mulyani", "", "Moeljani"),
    ("Rahayu", "", "Rahajoe"),
    ("Suryani", "", "Soerjani"),
    ("Fitriani", "", "Fitriyani"),
];

pub(super) const MALE: &[Word] = &[
    ("Slamet", "", "Selamet"),
    ("Bambang", "", "Bambank"),
    ("Sutrisno", "", "Soetrisno"),
    ("Suparman", "", "Soeparman"),
    ("Budi", "", "Boedi"),
    ("Agus", "", "Agoes"),
    ("Joko", "", "Djoko"),
    ("Wahyudi", "", "Wahjoedi"),
    ("Sugeng", "", "Soegeng"),
    ("Paijo", "", "Paidjo"),
    ("Ponimin", "", "Poniman"),
    ("Tukiman", "", "Toekiman"),
    ("Sumarno", "", "Soemarno"),
    ("Hartono", "", "Hartana"),
    ("Mulyono", "", "Moeljono"),
    ("Suryadi", "", "Soerjadi"),
    ("Rahmat", "", "Rachmat"),
    ("Eko", "", "Eka"),
    ("Supriyadi", "", "Soeprijadi"),
    ("Wagiman", "", "Wagimin"),
];
