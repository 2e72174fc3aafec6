/// How random the characters of a label look: their Shannon entropy.
enum LabelEntropy {
    /// Bits a character, from 0 (all the same) to the logarithm of the label's length (all different).
    static func bits(of label: Substring) -> Double {
        var counts = [Int](repeating: 0, count: 128)
        var length = 0
        for byte in label.utf8.prefix(maximumLength) where byte < 128 {
            counts[Int(byte)] += 1
            length += 1
        }
        guard length > 0 else { return 0 }
        var sum = 0.0
        for count in counts where count > 1 { sum += Double(count) * logarithms[count] }
        return logarithms[length] - sum / Double(length)
    }

    /// Of a label (RFC 1035 section 2.3.4).
    private static let maximumLength = 63

    /// Base 2, of the numbers up to 63. The pure targets have no math library; this is the digit by digit method.
    private static let logarithms: [Double] = (0...maximumLength).map { number in
        var (value, result, digit) = (Double(max(number, 1)), 0.0, 1.0)
        while value >= 2 {
            value /= 2
            result += 1
        }
        for _ in 0..<40 {
            value *= value
            digit /= 2
            if value >= 2 {
                value /= 2
                result += digit
            }
        }
        return result
    }
}
