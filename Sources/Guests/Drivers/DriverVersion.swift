/// The date and version of a driver, from an INF file's `DriverVer`: `11/15/2022,100.92.104.22900`.
struct DriverVersion: Sendable, Hashable, Codable, Comparable {
  /// `2022-11-15`, or empty.
  var date: String
  var numbers: [Int]

  init(_ values: [String]) {
    let parts = (values.first ?? "").split(whereSeparator: { $0 == "/" || $0 == "-" }).compactMap { Int($0) }
    date =
      parts.count == 3 && (1...12).contains(parts[0]) && (1...31).contains(parts[1]) && (1980...9999).contains(parts[2])
      ? "\(parts[2])-\(Self.two(parts[0]))-\(Self.two(parts[1]))" : ""
    numbers = (values.dropFirst().first ?? "").split(separator: ".").prefix(4).map { Int($0) ?? 0 }
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  var text: String { numbers.map(String.init).joined(separator: ".") }

  static func < (left: Self, right: Self) -> Bool {
    for place in 0..<max(left.numbers.count, right.numbers.count) {
      let (a, b) = (left.at(place), right.at(place))
      if a != b { return a < b }
    }
    return left.date < right.date
  }

  private func at(_ place: Int) -> Int { numbers.indices.contains(place) ? numbers[place] : 0 }
}
