//! The code list of the identity register, `extensions/id/v1/code`.

use super::code_list;

code_list! {
    /// What biometric data is.
    BiometricType from "extensions/id/v1/code/TypeEnum.jsonld" {
        Image = "1", "img" | "image";
        Hash = "2", "hash";
        Template = "3", "template";
        Sound = "4", "sound";
    }
}
