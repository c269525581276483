/// The order of version numbers: `6.1` before `10.0`, `12` the same as `12.0`. What is no number counts as 0.
enum VersionOrder {
  static func isBefore(_ left: String, _ right: String) -> Bool {
    let left = numbers(left)
    let right = numbers(right)
    for place in 0..<max(left.count, right.count) {
      let (first, second) = (left.at(place), right.at(place))
      if first != second { return first < second }
    }
    return false
  }

  private static func numbers(_ text: String) -> [Int] {
    text.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
  }
}

extension [Int] {
  fileprivate func at(_ place: Int) -> Int { indices.contains(place) ? self[place] : 0 }
}
