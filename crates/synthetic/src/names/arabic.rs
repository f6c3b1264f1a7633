//! Common given names of Arabic-speaking countries, in Latin letters and in Arabic
//! script.

use super::Word;

pub(super) const FEMALE: &[Word] = &[
    ("Fatima", "فاطمة", "Fatma"),
    ("Aisha", "عائشة", "Aicha"),
    ("Khadija", "خديجة", "Hadija"),
    ("Maryam", "مريم", "Mariam"),
    ("Zainab", "زينب", "Zeinab"),
    ("Amina", "أمينة", "Aminah"),
    ("Salma", "سلمى", "Selma"),
    ("Huda", "هدى", "Houda"),
    ("Hanan", "حنان", "Hanane"),
    ("Samira", "سميرة", "Sameera"),
    ("Nawal", "نوال", "Nawel"),
    ("Asma", "أسماء", "Esma"),
    ("Iman", "إيمان", "Eman"),
    ("Rania", "رانيا", "Raniya"),
    ("Layla", "ليلى", "Leila"),
    ("Muna", "منى", "Mona"),
    ("Sumaya", "سمية", "Sumayya"),
    ("Halima", "حليمة", "Haleema"),
    ("Nadia", "نادية", "Nadya"),
    ("Safia", "صفية", "Safiya"),
];

pub(super) const MALE: &[Word] = &[
    ("Muhammad", "محمد", "Mohamed"),
    ("Ahmad", "أحمد", "Ahmed"),
    ("Ali", "علي", "Aly"),
    ("Hassan", "حسن", "Hasan"),
    ("Hussein", "حسين", "Husain"),
    ("Ibrahim", "إبراهيم", "Ebrahim"),
    ("Yusuf", "يوسف", "Yousif"),
    ("Omar", "عمر", "Umar"),
    ("Osman", "عثمان", "Othman"),
    ("Khalid", "خالد", "Khaled"),
    ("Abdallah", "عبد الله", "Abdullah"),
    ("Abdelrahman", "عبد الرحمن", "Abdul Rahman"),
    ("Mustafa", "مصطفى", "Mustapha"),
    ("Salih", "صالح", "Saleh"),
    ("Idris", "إدريس", "Edris"),
    ("Hamid", "حامد", "Hamed"),
    ("Jamal", "جمال", "Gamal"),
    ("Nasir", "ناصر", "Naser"),
    ("Bashir", "بشير", "Basheer"),
    ("Suleiman", "سليمان", "Sulaiman"),
    ("Yahya", "يحيى", "Yehia"),
    ("Isa", "عيسى", "Eissa"),
];
