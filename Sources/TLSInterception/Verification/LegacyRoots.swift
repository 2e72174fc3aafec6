/// Roots in the bundles of distributions that are older than the rules of form which anchors are held to, by SHA-256 of the certificate. They stay
/// trusted as they are; every rule about strength, time and what they may do applies to them too.
enum LegacyRoots {
    static let fingerprints: Set<Digest> = Set(
        [
            // Certigna: AKI names issuer and serial
            "e3b6a2db2ed7ce48842f7ac53241c7b71d54144bfb40c11f3f1d0b42f5eea12d",
            // Go Daddy Class 2 Certification Authority: basicConstraints not critical, AKI names issuer and serial
            "c3846bf24b9e93ca64274c0ec67c1ecc5e024ffcacd2d74019350e81fe546ae4",
            // Hongkong Post Root CA 1: no SKI
            "f9e67d336c51002ac054c632022d66dda2e7e3fff10ad061ed31d8bbb410cfb2",
            // QuoVadis Root CA 2: AKI names issuer and serial
            "85a0dd7dd720adb7ff05f83d542b209dc7ff4528f7d677b18389fea5e5c49e86",
            // QuoVadis Root CA 3: AKI names issuer and serial
            "18f1fc7f205df8adddeb7fe007dd57e3af375a9c4d8d73546bf4f1fed1e18d35",
            // Starfield Class 2 Certification Authority: basicConstraints not critical, AKI names issuer and serial
            "1465fa205397b876faa6f0a9958e5590e40fcc7faa4fb7c2c8677521fb5fb658",
            // TWCA Global Root CA: no SKI
            "59769007f7685d0fcd50872f9f95d5755a5b2b457d81f3692b610a98672f0e1b",
            // ePKI Root Certification Authority: basicConstraints not critical
            "c0a6f4dc63a24bfdcf54ef2a6a082a0a72de35803e2ff5ff527ae5d87206dfd5",
        ].map { text in
            guard let digest = Digest(hexadecimal: text) else { preconditionFailure("not a fingerprint: \(text)") }
            return digest
        })
}
