import ConnectorProtocol

/// The drivers that one guest needs, out of all that a target asks for.
struct DriverNeeds: Sendable, Hashable {
  /// Needed before the root filesystem is mounted.
  var early: [String] = []
  /// Needed at some time: a module on the root filesystem will do.
  var late: [String] = []

  init(_ needs: [DriverNeed], family: String?, version: String?) {
    for need in needs where Self.applies(need.when, family: family, version: version) {
      for name in need.need {
        if need.initramfs {
          if !early.contains(name) { early.append(name) }
        } else if !late.contains(name) {
          late.append(name)
        }
      }
    }
    late.removeAll(where: early.contains)
  }

  var all: [String] { early + late }

  /// A guest whose version is not known is taken to be in every range: a driver too many does no harm.
  static func applies(_ condition: DriverNeed.Condition, family: String?, version: String?) -> Bool {
    guard condition.family == family else { return false }
    guard let version else { return true }
    if let min = condition.min, isLower(version, than: min) { return false }
    if let below = condition.below, !isLower(version, than: below) { return false }
    return true
  }

  private static func isLower(_ left: String, than right: String) -> Bool {
    func numbers(_ version: String) -> [Int] { version.split(separator: ".").map { Int($0) ?? 0 } }
    let (left, right) = (numbers(left), numbers(right))
    for index in 0..<max(left.count, right.count) {
      let (a, b) = (index < left.count ? left[index] : 0, index < right.count ? right[index] : 0)
      if a != b { return a < b }
    }
    return false
  }
}
