import ConnectorProtocol

extension GuestType {
  /// Servers, newest first: the year in the product's name, and the type.
  private static let servers: [(year: String, id: String)] = [
    ("2025", "windows2022srvNext_64Guest"), ("2022", "windows2019srvNext_64Guest"),
    ("2019", "windows2019srv_64Guest"), ("2016", "windows9Server64Guest"), ("2012", "windows8Server64Guest"),
    ("2008 r2", "windows7Server64Guest"), ("2008", "winLonghorn64Guest"), ("2003", "winNetStandard64Guest"),
  ]

  /// Desktops, newest first, by 64-bit and 32-bit.
  private static let desktops: [(name: String, id64: String, id32: String)] = [
    ("11", "windows11_64Guest", "windows9Guest"), ("10", "windows9_64Guest", "windows9Guest"),
    ("8", "windows8_64Guest", "windows8Guest"), ("7", "windows7_64Guest", "windows7Guest"),
    ("vista", "winVista64Guest", "winVistaGuest"), ("xp", "winXPPro64Guest", "winXPProGuest"),
  ]

  /// The version of the kernel, where the product's name says nothing: newest type of that kernel first.
  private static let kernels: [String: (server: String, desktop: String)] = [
    "10.0": ("2019", "10"), "6.3": ("2012", "8"), "6.2": ("2012", "8"), "6.1": ("2008 r2", "7"),
    "6.0": ("2008", "vista"), "5.2": ("2003", "xp"), "5.1": ("2003", "xp"),
  ]

  /// The type of the product, then those of older ones of its kind.
  static func windows(_ guest: GuestFacts?, _ is64: Bool) -> [String] {
    let product = (guest?.productName ?? "").lowercased()
    let version = (guest?.version ?? "").split(separator: ".").prefix(2).joined(separator: ".")
    if product.contains("server") {
      let named = servers.firstIndex { product.contains($0.year) }
      let start = named ?? servers.firstIndex { $0.year == kernels[version]?.server } ?? 2
      guard !is64 else { return servers[start...].map(\.id) }
      return servers[start...].map { $0.year == "2003" ? "winNetStandardGuest" : "winLonghornGuest" }
    }
    let named = desktops.firstIndex { product.contains("windows \($0.name)") }
    let start = named ?? desktops.firstIndex { $0.name == kernels[version]?.desktop } ?? 1
    return desktops[start...].map { is64 ? $0.id64 : $0.id32 }
  }
}
