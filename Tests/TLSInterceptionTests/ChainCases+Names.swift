import WireFormats

@testable import TLSInterception

extension ChainCases {
    private static func dns(_ name: String) -> [UInt8] { TestCertificate.dns(name) }

    static let names: [ChainCase] = [
        ChainCase("another name [mismatch-domain-san]", .nameMismatch) { $0.host("other.example") },
        ChainCase("a subdomain [mismatch-subdomain-san]", .nameMismatch) { $0.host("a.www.example.com") },
        ChainCase("the parent [mismatch-subdomain-apex-san]", .nameMismatch) { $0.host("example.com") },
        ChainCase("no subjectAltName [no-san]", .noAlternativeNames) { $0.leaf.set(.subjectAltName, nil) },
        ChainCase("an empty subjectAltName", .malformedAlternativeName) { $0.leaf.set(.subjectAltName, DERWriter.sequence()) },
        ChainCase("subjectAltName that is no sequence [malformed]", .malformedAlternativeName) { plan in
            plan.leaf.set(.subjectAltName, Array("malformed".utf8))
        },
        ChainCase("the name in upper case", nil) { $0.leafNames(dns("WWW.Example.COM")) },
        ChainCase("the second name", nil) { $0.leafNames(dns("other.example"), dns("www.example.com")) },
        ChainCase("a wildcard", nil) { $0.leafNames(dns("*.example.com")) },
        ChainCase("a wildcard does not cover its parent", .nameMismatch) { plan in
            plan.leafNames(dns("*.example.com"))
            plan.host("example.com")
        },
        ChainCase("a wildcard is one label [wildcard-match-across-labels-san]", .nameMismatch) { plan in
            plan.leafNames(dns("*.example.com"))
            plan.host("a.b.example.com")
        },
        ChainCase("a wildcard over a top-level domain [public-suffix-wildcard-san]", .malformedAlternativeName) { plan in
            plan.leafNames(dns("*.com"))
            plan.host("example.com")
        },
        ChainCase("a wildcard within a label [wildcard-embedded-leftmost-san]", .malformedAlternativeName) { plan in
            plan.leafNames(dns("w*w.example.com"))
        },
        ChainCase("a wildcard further right [wildcard-not-in-leftmost-san]", .malformedAlternativeName) { plan in
            plan.leafNames(dns("www.*.com"))
        },
        ChainCase("a wildcard within an A-label [wildcard-embedded-ulabel-san]", .malformedAlternativeName) { plan in
            plan.leafNames(dns("xn--*-1b3c148a.example.com"))
            plan.host("xn--bliss-1b3c148a.example.com")
        },
        ChainCase("nothing but a star", .malformedAlternativeName) { $0.leafNames(dns("*")) },
        ChainCase("U-labels [unicode-emoji-san]", .malformedAlternativeName) { $0.leafNames(dns("\u{1F61C}.example.com")) },
        ChainCase("a leading dot", .malformedAlternativeName) { $0.leafNames(dns(".example.com"), dns("www.example.com")) },
        ChainCase("a trailing dot", .malformedAlternativeName) { $0.leafNames(dns("www.example.com.")) },
        ChainCase("an underscore [underscore-dns]", .malformedAlternativeName) { $0.leafNames(dns("a_b.example.com"), dns("www.example.com")) },
        ChainCase("an embedded NUL (CVE-2009-2408)", .malformedAlternativeName) { $0.leafNames(dns("www.example.com\u{0}.evil.test")) },
        ChainCase("an empty dNSName", .malformedAlternativeName) { $0.leafNames(dns(""), dns("www.example.com")) },
        ChainCase("a space", .malformedAlternativeName) { $0.leafNames(dns(" "), dns("www.example.com")) },
        ChainCase("an address as dNSName", .malformedAlternativeName) { plan in
            plan.leafNames(dns("192.0.2.1"))
            plan.address("192.0.2.1")
        },
        ChainCase("an address", nil) { plan in
            plan.leafNames(TestCertificate.address([192, 0, 2, 1]))
            plan.address("192.0.2.1")
        },
        ChainCase("another address", .nameMismatch) { plan in
            plan.leafNames(TestCertificate.address([192, 0, 2, 1]))
            plan.address("192.0.2.2")
        },
        ChainCase("an IPv6 address", nil) { plan in
            plan.leafNames(TestCertificate.address([0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]))
            plan.address("2001:db8::1")
        },
        ChainCase("an address of three bytes", .malformedAlternativeName) { plan in
            plan.leafNames(TestCertificate.address([192, 0, 2]), dns("www.example.com"))
        },
        ChainCase("an address with its mask", .malformedAlternativeName) { plan in
            plan.leafNames(TestCertificate.address([192, 0, 2, 1, 255, 255, 255, 255]))
            plan.address("192.0.2.1")
        },
        ChainCase("an invalid mail address", .malformedAlternativeName) { plan in
            plan.leafNames(TestCertificate.email("a@@b"), dns("www.example.com"))
        },
        ChainCase("a common name alone counts for nothing", .nameMismatch) { plan in
            plan.leafNames(dns("other.example"), commonName: "www")
            plan.host("www")
        },
        ChainCase("common name not among the names [cn::not-in-san]", .commonNameNotAlternative) { plan in
            plan.leafNames(dns("www.example.com"), commonName: "not-in-san.example.com")
        },
        ChainCase("common name in other case [cn::case-mismatch]", .commonNameNotAlternative) { plan in
            plan.leafNames(dns("www.example.com"), commonName: "WWW.example.com")
        },
        ChainCase("common name in Unicode [cn::utf8-vs-punycode-mismatch]", .commonNameNotAlternative) { plan in
            plan.leafNames(dns("xn--628h.example.com"), dns("www.example.com"), commonName: "\u{1F61C}.example.com")
        },
        ChainCase("common name as hexadecimal address [cn::ipv4-hex-mismatch]", .commonNameNotAlternative) { plan in
            plan.leafNames(TestCertificate.address([192, 0, 2, 1]), commonName: "0xC0000201")
            plan.address("192.0.2.1")
        },
        ChainCase("common name with leading zeros [cn::ipv4-leading-zeros-mismatch]", .commonNameNotAlternative) { plan in
            plan.leafNames(TestCertificate.address([192, 0, 2, 1]), commonName: "192.000.002.001")
            plan.address("192.0.2.1")
        },
        ChainCase("common name as long IPv6 [cn::ipv6-uncompressed-mismatch]", .commonNameNotAlternative) { plan in
            plan.leafNames(
                TestCertificate.address([0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]),
                commonName: "2001:0db8:0000:0000:0000:0000:0000:0001")
            plan.address("2001:db8::1")
        },
        ChainCase("common name as upper-case IPv6 [cn::ipv6-uppercase-mismatch]", .commonNameNotAlternative) { plan in
            plan.leafNames(
                TestCertificate.address([0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]), commonName: "2001:DB8::1")
            plan.address("2001:db8::1")
        },
        ChainCase("common name as canonical IPv6", nil) { plan in
            plan.leafNames(
                TestCertificate.address([0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]), commonName: "2001:db8::1")
            plan.address("2001:db8::1")
        },
        ChainCase("common name that is no host", nil) { $0.leafNames(dns("www.example.com"), commonName: "Example Server 7") },
        ChainCase("empty subject, names not critical [noncritical-with-empty-subject]", .extensionMustBeCritical) { plan in
            plan.leaf.template.subject = CertificateTemplate.name()
        },
        ChainCase("names critical beside a subject [san-critical-with-nonempty-subject]", .extensionMustNotBeCritical) { plan in
            plan.leaf.setCritical(.subjectAltName, true)
        },
    ]

    static let nameConstraints: [ChainCase] = [
        ChainCase("permitted [permitted-dns-match]", nil) { $0.intermediate.constrain(permitted: dns("example.com")) },
        ChainCase("permitted elsewhere [permitted-dns-mismatch]", .nameConstraintViolated) { plan in
            plan.intermediate.constrain(permitted: dns("example.org"))
        },
        ChainCase("permitted elsewhere by the root", .nameConstraintViolated) { $0.root.constrain(permitted: dns("example.org")) },
        ChainCase("excluded [excluded-dns-match]", .nameConstraintViolated) { plan in
            plan.intermediate.constrain(excluded: [dns("example.com")])
        },
        ChainCase("excluded elsewhere", nil) { $0.intermediate.constrain(excluded: [dns("example.org")]) },
        ChainCase("second name excluded [excluded-dns-match-second]", .nameConstraintViolated) { plan in
            plan.leafNames(dns("www.example.com"), dns("evil.test"))
            plan.intermediate.constrain(excluded: [dns("evil.test")])
        },
        ChainCase("permitted and excluded [excluded-match-permitted-and-excluded]", .nameConstraintViolated) { plan in
            plan.intermediate.constrain(permitted: dns("example.com"), excluded: [dns("www.example.com")])
        },
        ChainCase("constraint on another type [permitted-different-constraint-type]", nil) { plan in
            plan.intermediate.constrain(permitted: TestCertificate.address([192, 0, 2, 0, 255, 255, 255, 0]))
        },
        ChainCase("address permitted", nil) { plan in
            plan.leafNames(TestCertificate.address([192, 0, 2, 1]))
            plan.address("192.0.2.1")
            plan.intermediate.constrain(permitted: TestCertificate.address([192, 0, 2, 0, 255, 255, 255, 0]))
        },
        ChainCase("address outside", .nameConstraintViolated) { plan in
            plan.leafNames(TestCertificate.address([192, 0, 3, 1]))
            plan.address("192.0.3.1")
            plan.intermediate.constrain(permitted: TestCertificate.address([192, 0, 2, 0, 255, 255, 255, 0]))
        },
        ChainCase("directory name outside [permitted-dn-mismatch]", .nameConstraintViolated) { plan in
            plan.intermediate.constrain(permitted: TestCertificate.directory(CertificateTemplate.name((.commonName, "foo"))))
        },
        ChainCase("not critical, and kept", nil) { $0.intermediate.constrain(permitted: dns("example.com"), critical: false) },
        ChainCase("not critical, and violated", .nameConstraintViolated) { plan in
            plan.intermediate.constrain(permitted: dns("example.org"), critical: false)
        },
        ChainCase("in the leaf [not-allowed-in-ee-critical]", .leafHasNameConstraints) { $0.leaf.constrain(permitted: dns("example.com")) },
        ChainCase("in the leaf [not-allowed-in-ee-noncritical]", .leafHasNameConstraints) { plan in
            plan.leaf.constrain(permitted: dns("example.com"), critical: false)
        },
        ChainCase("empty", .malformedNameConstraint) { plan in
            plan.intermediate.set(.nameConstraints, DERWriter.sequence(), critical: true)
        },
        ChainCase("empty subtrees", .malformedNameConstraint) { plan in
            plan.intermediate.set(
                .nameConstraints, DERWriter.sequence(DERWriter.explicit(0, []), DERWriter.explicit(1, [])), critical: true)
        },
        ChainCase("a wildcard [invalid-dnsname-wildcard]", .malformedNameConstraint) { plan in
            plan.intermediate.constrain(permitted: dns("*.example.com"), dns("example.com"))
        },
        ChainCase("a leading dot [invalid-dnsname-leading-period]", .malformedNameConstraint) { plan in
            plan.intermediate.constrain(permitted: dns(".example.com"))
        },
        ChainCase("an address without mask [invalid-ipv4-address]", .malformedNameConstraint) { plan in
            plan.intermediate.constrain(permitted: TestCertificate.address([192, 0, 2, 0]))
        },
        ChainCase("a mask with holes", .malformedNameConstraint) { plan in
            plan.intermediate.constrain(permitted: TestCertificate.address([192, 0, 2, 0, 255, 0, 255, 0]))
        },
        ChainCase("a mask that is all ones", nil) { plan in
            plan.intermediate.constrain(permitted: TestCertificate.address([192, 0, 2, 0, 255, 255, 255, 255]))
        },
        ChainCase("a minimum", .malformedNameConstraint) { plan in
            plan.intermediate.set(
                .nameConstraints,
                DERWriter.sequence(
                    DERWriter.explicit(0, DERWriter.sequence(dns("example.com"), DERWriter.element(DERTag.context(0), [1])))),
                critical: true)
        },
    ]
}
