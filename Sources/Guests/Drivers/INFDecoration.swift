/// What stands behind a manufacturer's models in an INF file: the Windows that they are for.
///
/// `NTamd64.10.0...17763` is the architecture, the version, the type of product (1 client, 2 domain controller, 3
/// server), a mask of suites, and the build, of which all but the first may be left out. Each but the type and the
/// suites says "this or later".
struct INFDecoration: Sendable, Hashable {
  var text: String
  var architecture: WindowsTarget.Architecture?
  var major: Int?
  var minor: Int?
  var productType: Int?
  var build: Int?

  /// - Returns: Nil for an architecture that is not known here (`NTia64`).
  init?(_ text: String) {
    self.text = text
    var parts = text.lowercased().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard !parts.isEmpty else { return nil }
    let head = parts.removeFirst()
    guard head.hasPrefix("nt") else { return nil }
    switch head.dropFirst(2) {
    case "": architecture = nil
    case "x86": architecture = .x86
    case "amd64": architecture = .amd64
    case "arm64": architecture = .arm64
    default: return nil
    }
    func number(_ place: Int) -> Int? { parts.indices.contains(place) ? Self.number(parts[place]) : nil }
    major = number(0)
    minor = number(1)
    productType = number(2)
    build = number(4)
  }

  private static func number(_ text: String) -> Int? {
    text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
  }

  func fits(_ windows: WindowsTarget) -> Bool {
    // Models for no architecture in particular are for 32-bit Windows alone.
    guard (architecture ?? .x86) == windows.architecture else { return false }
    if let productType, (productType == 1) == windows.isServer { return false }
    let least = (major ?? 0, minor ?? 0)
    let own = (windows.major, windows.minor)
    if own != least { return own > least }
    guard let build, windows.build > 0 else { return true }
    return windows.build >= build
  }

  /// Of several that fit, Windows takes the one that says most: the latest version, then the type of product.
  var rank: [Int] { [major ?? -1, minor ?? -1, build ?? -1, productType == nil ? 0 : 1, architecture == nil ? 0 : 1] }
}
