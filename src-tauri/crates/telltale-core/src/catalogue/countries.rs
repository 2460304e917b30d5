//! ISO 3166-1 alpha-2: which codes are assigned (a constant table).

/// All assigned codes, sorted, in one line of text each two letters.
const CODES: &str = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCX\
CYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKI\
KMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPR\
PSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYT\
ZAZMZW";

/// Whether this is an assigned code, in upper case.
pub(super) fn is_country(code: &str) -> bool {
    code.len() == 2 && CODES.as_bytes().as_chunks::<2>().0.iter().any(|c| c == code.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assigned_codes_only() {
        assert_eq!(CODES.len(), 249 * 2);
        assert!(CODES.as_bytes().as_chunks::<2>().0.windows(2).all(|w| w[0] < w[1]));
        for code in ["US", "FR", "CN", "GB", "ZW"] {
            assert!(is_country(code), "{code}");
        }
        for code in ["UK", "EU", "us", "U", "USA", ""] {
            assert!(!is_country(code), "{code}");
        }
    }
}
