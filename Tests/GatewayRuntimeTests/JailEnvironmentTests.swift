@testable import GatewayRuntime
import LinuxKernel
import Testing
import WireFormats

@Suite("A jail's environment")
struct JailEnvironmentTests {
    @Test(arguments: [
        ("nameserver 9.9.9.9\n", ["9.9.9.9:53"]),
        ("# c\nsearch x\n nameserver\t2001:db8::1 \nnameserver 1.1.1.1\n", ["[2001:db8::1]:53", "1.1.1.1:53"]),
        ("nameserver fe80::1%eth0\nnameserver 1.2.3\noptions edns0\n", []),
        ("nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\nnameserver 1.1.1.4\n", ["1.1.1.1:53", "1.1.1.2:53", "1.1.1.3:53"]),
        ("", []),
    ])
    func readsResolvers(text: String, resolvers: [String]) {
        #expect(ResolverConfiguration.resolvers(in: text).map(\.description) == resolvers)
    }

    @Test func everyVariableNamesOneOfTheJailsFiles() {
        let variables = TrustVariables.all(javaOptions: nil)
        #expect(Set(variables.map(\.0)).count == variables.count)
        for (name, value) in variables where name != "JAVA_TOOL_OPTIONS" {
            #expect(value.hasPrefix("/run/portcullis/"), "\(name)")
        }
        #expect(TrustVariables.all(javaOptions: "-Xmx1g").contains { $0.0 == "JAVA_TOOL_OPTIONS" && $0.1.hasPrefix("-Xmx1g -Djavax") })
    }
}
