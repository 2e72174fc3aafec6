/// Certificates that must not be trusted whoever vouches for them: leaked or abused authorities and leaves that browsers and
/// runtimes block, by SHA-256 of the certificate (the public blocklist that the JDK ships as `blocked.certs`).
package enum BlockedCertificates {
    package static let fingerprints: Set<Digest> = Set(
        [
            "03db9e5e79fe6117177f81c11595af598cb176af766290dbceb2c318b32e39a2",
            "08c396c006a21055d00826a5781a5ccfce2c8d053ab3c197637a4a7a5bb9a650",
            "14e6d2764a4b06701c6cbc376a253775f79c782fbcb6c0ee6f99de4ba1024add",
            "1c5e6985acc09221dbd1a4b7bbc6d3a8c3f8540d19f20763a9537fdd42b4ffe7",
            "1f6bf8a3f2399af7fd04516c2719c566cbad51f412738f66d0457e1e6bde6f2d",
            "2a464e4113141352c7962fbd1706ed4b88533ef24d7bba6ccc5d797fd202f1c4",
            "31c8fd37db9b56e708b03d1f01848b068c6da66f36fb5d82c008c6040fa3e133",
            "3946901f46b0071e90d78279e82fababca177231a704be72c5b0e8918566ea66",
            "3e11cf90719f6fb44d94eac9a156b89bebe7b8598f28ec58913f2bfcaf91d0c0",
            "423279423b9fc8cb06f1bb7c3b247522b948d5f18939f378ecc901126de40bfb",
            "450f1b421bb05c8609854884559c323319619e8b06b001ea2dcbb74a23aa3be2",
            "4cbbf8256bc9888a8007b2f386940a2e394378b0d903cbb3863c5a6394b889ce",
            "4fee0163686ecbd65db968e7494f55d84b25486d438e9de558d629d28cd4d176",
            "535d04dfce027c70bd5f8a9e0ad4f218e9afdcf5bbcf9b6de0d81e148e2e3172",
            "568faf38d9f155f624838e2181b1ceb4d8459305ee652b0f810c97c3611bfe19",
            "585cfe6b7436cbd4e732763a2137d7f49599ba9b1790e688fcec799c58eb84a6",
            "5e83124d68d24e8e177e306df643d5ea99c5a94d6fc34b072f7544a1cabb7c7b",
            "71cb00749b9130fb2707a2664bff958d0fcc8e161d9674c7450ba0fc2beaf9d3",
            "76a45a496031e4dd2d7ed23e8f6ff97dbdea980baac8b0ba94d7edb551348645",
            "8a1bd21661c60015065212cc98b1abb50dfd14c872a208e66bae890f25c448af",
            "9ed8f9b0e8e42a1656b8e1dd18f42ba42dc06fe52686173ba2fc70e756f207dc",
            "9fadce80d62a959f9930d748488c1e22e821f4e1e4a43584b848c2fc11e04d77",
            "a686fee577c88ab664d0787ecdfff035f4806f3de418dc9e4d516324fff02083",
            "a90132cea1d4f7185e4f688effd16f6ac14dfd78356a807599a5dabbeef3333e",
            "b8686723e415534bc0dbd16326f9486f85b0b0799bf6639334e61daae67f36cd",
            "c0d1f42b9f4bf7acc045b7bb5d4805e10737f67b6310ce505248d543d0d5fe07",
            "d0156949f1381943442c6974e9b5b49ef441bb799ef20477b90a89c3f33620ce",
            "d151962d954970501c60079258ebcfa38502e0a9f03cd640322b08c0a3117fe5",
            "d24566bf315f4e597d6e381c87119fb4198f5e9e2607f5f4ab362ef7e2e7672f",
            "d3a936e1a7775a45217c8296a1f22ac5631dcdec45594099e78eeebbedcba967",
            "d6ceae5d9e047faf7d797858d229ac991ad44316d1e2a37a21926d763153593a",
            "df21016b00fc54f9fe3bc8b039911bb216e9162fad2fd14d990ab96e951b49be",
            "e0e740e4b0f8b3548181ff75b5372faf4c70b99ec995d694ed0fb91b03ff8d21",
            "ec30c9c3065a06bb07dc5b1c6b497f370c1ca65c0f30c08e042ba6bcecc78f2c",
            "f5b6f88f75d391a4b1eb336f9e201239fb6b1377db8cfa7b84736216e5afffd7",
            "fbb12938abd86c125796edf4162d291028890a7d6c0c1cca75fd4b95ebfa7a1a",
            "fc02fd48db92d4dce6f11679d38354cf750cfc7f584a520eb90bde80e241f2bd",
            "fdedb5bdfcb67411513a61aee5cb5b5d7c52af06028efc996cc1b05b1d6cea2b",
        ].map { text in
            guard let digest = Digest(hexadecimal: text) else { preconditionFailure("not a fingerprint: \(text)") }
            return digest
        })
}
