/// Sizes as libvirt writes them: KiB unless a unit is named.
enum LibvirtUnits {
  private static let units: [String: Int64] = [
    "b": 1, "bytes": 1, "kb": 1000, "k": 1 << 10, "kib": 1 << 10, "mb": 1_000_000, "m": 1 << 20, "mib": 1 << 20,
    "gb": 1_000_000_000, "g": 1 << 30, "gib": 1 << 30, "tb": 1_000_000_000_000, "t": 1 << 40, "tib": 1 << 40,
    "pb": 1_000_000_000_000_000, "p": 1 << 50, "pib": 1 << 50,
  ]

  /// The bytes that an element stands for, or nil where it is no size.
  static func bytes(_ node: XMLNode) -> Int64? {
    guard let unit = units[node.attribute("unit")?.lowercased() ?? "kib"], let text = node.content,
      let count = Int64(text), count >= 0
    else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow ? nil : product
  }
}
