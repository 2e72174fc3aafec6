import Policy
import Testing
import WireFormats

@Suite("Addresses that are not public")
struct AddressClassTests {
    /// First and last address of every block of the IANA registries, the neighbours outside, and forms that carry IPv4.
    @Test(arguments: [
        ("0.0.0.0", .unspecified), ("0.0.0.1", .thisNetwork), ("0.255.255.255", .thisNetwork), ("1.0.0.0", nil),
        ("9.255.255.255", nil), ("10.0.0.0", .privateUse), ("10.255.255.255", .privateUse), ("11.0.0.0", nil),
        ("100.63.255.255", nil), ("100.64.0.0", .sharedAddressSpace), ("100.127.255.255", .sharedAddressSpace),
        ("100.128.0.0", nil), ("100.100.100.200", .metadata), ("126.255.255.255", nil), ("127.0.0.1", .loopback),
        ("127.255.255.255", .loopback), ("128.0.0.0", nil), ("169.253.255.255", nil), ("169.254.0.0", .linkLocal),
        ("169.254.169.254", .metadata), ("169.254.170.2", .metadata), ("169.254.255.255", .linkLocal), ("169.255.0.0", nil),
        ("168.63.129.16", .metadata), ("172.15.255.255", nil), ("172.16.0.0", .privateUse), ("172.31.255.255", .privateUse),
        ("172.32.0.0", nil), ("192.0.0.0", .protocolAssignments), ("192.0.0.192", .metadata),
        ("192.0.0.255", .protocolAssignments), ("192.0.1.0", nil), ("192.0.2.1", .documentation), ("192.88.99.1", .reserved),
        ("192.167.255.255", nil), ("192.168.0.0", .privateUse), ("192.168.255.255", .privateUse), ("192.169.0.0", nil),
        ("198.17.255.255", nil), ("198.18.0.0", .benchmarking), ("198.19.255.255", .benchmarking), ("198.20.0.0", nil),
        ("198.51.100.7", .documentation), ("203.0.113.7", .documentation), ("223.255.255.255", nil), ("224.0.0.0", .multicast),
        ("239.255.255.255", .multicast), ("240.0.0.0", .reserved), ("255.255.255.254", .reserved),
        ("255.255.255.255", .broadcast), ("93.184.216.34", nil), ("8.8.8.8", nil),
        ("::", .unspecified), ("::1", .loopback), ("::2", .reserved), ("::10.0.0.1", .reserved), ("::8.8.8.8", .reserved),
        ("::ffff:10.0.0.1", .privateUse), ("::ffff:169.254.169.254", .metadata), ("::ffff:8.8.8.8", nil),
        ("64:ff9b::10.0.0.1", .privateUse), ("64:ff9b::127.0.0.1", .loopback), ("64:ff9b::8.8.8.8", nil),
        ("64:ff9b:1::1", .localTranslation), ("64:ff9b:0:1::8.8.8.8", .reserved), ("100::1", .reserved),
        ("1fff:ffff::", .reserved), ("2000::", nil), ("2001:0:0a00:1::", .privateUse), ("2001:0:808:808:0:0:f5ff:fffe", .privateUse),
        ("2001:0:808:808:0:0:f7f7:f7f7", nil), ("2001:2::1", .benchmarking), ("2001:5::1", .protocolAssignments),
        ("2001:1ff:ffff::", .protocolAssignments), ("2001:200::", nil), ("2001:db8::1", .documentation),
        ("2002:7f00:1::", .loopback), ("2002:a9fe:a9fe::", .metadata), ("2002:808:808::", nil), ("2606:2800::1", nil),
        ("3fff::1", .documentation), ("3fff:1000::", nil), ("4000::", .reserved), ("5f00::1", .reserved),
        ("fbff::", .reserved), ("fc00::", .uniqueLocal), ("fdff:ffff::", .uniqueLocal), ("fd00:ec2::254", .metadata),
        ("fd20:ce::254", .metadata), ("fe00::", .reserved), ("fe80::1", .linkLocal), ("febf::1", .linkLocal),
        ("fec0::1", .siteLocal), ("ff02::1", .multicast),
    ] as [(String, AddressClass?)])
    func areClassified(text: String, expected: AddressClass?) throws {
        #expect(ForbiddenRanges.classify(try #require(IPAddress(text))) == expected)
    }

    @Test(arguments: AddressClass.allCases)
    func haveWords(kind: AddressClass) {
        #expect(kind.description.hasPrefix("a") || kind.description.hasPrefix("the "))
    }
}
