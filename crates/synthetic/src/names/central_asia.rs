//! Common given names and family names of Kyrgyzstan, Tajikistan and Uzbekistan, in
//! Latin and in Cyrillic letters. Family names are in their masculine form.

use super::Word;

pub(super) const FEMALE: &[Word] = &[
    ("Aigul", "Айгуль", "Aygul"),
    ("Gulnara", "Гульнара", "Gulnora"),
    ("Nargiza", "Наргиза", "Nargisa"),
    ("Zamira", "Замира", "Zamirah"),
    ("Dilnoza", "Дилноза", "Dilnosa"),
    ("Aizada", "Айзада", "Ayzada"),
    ("Cholpon", "Чолпон", "Cholpan"),
    ("Malika", "Малика", "Maleeka"),
    ("Farida", "Фарида", "Fareeda"),
    ("Madina", "Мадина", "Medina"),
    ("Zarina", "Зарина", "Zareena"),
    ("Jamila", "Джамиля", "Dzhamilya"),
    ("Salima", "Салима", "Saleema"),
    ("Nigora", "Нигора", "Nigara"),
    ("Mavluda", "Мавлуда", "Mavlyuda"),
];

pub(super) const MALE: &[Word] = &[
    ("Nurlan", "Нурлан", "Noorlan"),
    ("Bakyt", "Бакыт", "Bakit"),
    ("Aibek", "Айбек", "Aybek"),
    ("Azamat", "Азамат", "Asamat"),
    ("Rustam", "Рустам", "Rustem"),
    ("Farrukh", "Фаррух", "Faruh"),
    ("Jamshed", "Джамшед", "Jamshid"),
    ("Sherzod", "Шерзод", "Sherzad"),
    ("Bobur", "Бобур", "Babur"),
    ("Ulan", "Улан", "Oolan"),
    ("Talant", "Талант", "Tallant"),
    ("Daniyar", "Данияр", "Doniyor"),
    ("Murat", "Мурат", "Murad"),
    ("Timur", "Тимур", "Temur"),
    ("Alisher", "Алишер", "Olisher"),
    ("Davlat", "Давлат", "Davlyat"),
    ("Umed", "Умед", "Umid"),
    ("Firuz", "Фируз", "Firouz"),
];

pub(super) const FAMILY: &[Word] = &[
    ("Karimov", "Каримов", "Kareemov"),
    ("Abdullaev", "Абдуллаев", "Abdullayev"),
    ("Rakhimov", "Рахимов", "Rahimov"),
    ("Saidov", "Саидов", "Sayidov"),
    ("Nazarov", "Назаров", "Nasarov"),
    ("Sharipov", "Шарипов", "Sharifov"),
    ("Asanov", "Асанов", "Assanov"),
    ("Mamatov", "Маматов", "Mamytov"),
    ("Usmonov", "Усмонов", "Usmanov"),
    ("Yusupov", "Юсупов", "Yusufov"),
    ("Ismoilov", "Исмоилов", "Ismailov"),
    ("Kurbonov", "Курбонов", "Kurbanov"),
    ("Alimov", "Алимов", "Aleemov"),
    ("Ergashev", "Эргашев", "Irgashev"),
    ("Khamidov", "Хамидов", "Hamidov"),
];
