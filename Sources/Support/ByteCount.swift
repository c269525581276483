/// Amounts of bytes as people write them.
public enum ByteCount {
  private static let units = ["": 0, "B": 0, "KIB": 10, "MIB": 20, "GIB": 30, "TIB": 40, "K": 10, "M": 20, "G": 30]

  /// `52428800`, `50MiB`, `50 MiB`, `1.5GiB`, `50M`: powers of 1024. Nil for anything else, and for what is not above 0.
  public static func parse(_ text: String) -> Int64? {
    let trimmed = text.filter { $0 != " " }
    let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let value = Double(digits), let shift = units[trimmed.dropFirst(digits.count).uppercased()] else {
      return nil
    }
    let bytes = value * Double(Int64(1) << Int64(shift))
    guard bytes >= 1, bytes < 9_007_199_254_740_992 else { return nil }
    return Int64(bytes)
  }
}
