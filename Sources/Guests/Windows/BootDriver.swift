/// A driver to be put into a guest so that Windows starts with it.
struct BootDriver: Sendable, Hashable {
  static let defaultGroup = "SCSI miniport"
  static let scsiClass = "{4D36E97B-E325-11CE-BFC1-08002BE10318}"

  var service: String
  var type: UInt32 = 1
  /// The file in `System32\drivers`.
  var file: String
  var group: String = defaultGroup
  var parameters: [INFDriver.Parameter] = []
  /// Hardware ids: `PCI\VEN_1AF4&DEV_1001&REV_00`.
  var devices: [String]
  var classGUID: String = scsiClass

  init(service: String, file: String, devices: [String]) {
    self.service = service
    self.file = file
    self.devices = devices
  }

  init(_ match: DriverIndex.Match) {
    service = match.service.name
    type = match.service.type
    file = match.service.binary
    group = match.service.group ?? Self.defaultGroup
    parameters = match.service.parameters
    devices = Self.devices(match.driver.devices.filter { $0.service == match.service.name }.map(\.id))
    if RegistryGUID(match.driver.classGUID) != nil { classGUID = match.driver.classGUID }
  }

  /// The ids of an INF file, and for those that are tied to the subsystem of the chip's own vendor the same without:
  /// platforms built on the same chip put a subsystem of their own there.
  static func devices(_ ids: [String]) -> [String] {
    var devices: [String] = []
    for id in ids {
      devices.append(id)
      if let general = general(id) { devices.append(general) }
    }
    var seen: Set<String> = []
    return devices.filter { seen.insert($0.uppercased()).inserted }
  }

  private static func general(_ id: String) -> String? {
    guard id.uppercased().hasPrefix("PCI\\VEN_") else { return nil }
    let parts = id.split(separator: "&")
    let vendor = parts[0].suffix(4).uppercased()
    guard let subsystem = parts.first(where: { $0.uppercased().hasPrefix("SUBSYS_") }),
      subsystem.suffix(4).uppercased() == vendor
    else { return nil }
    return parts.filter { $0 != subsystem }.joined(separator: "&")
  }
}

/// A class's GUID, as text in braces and as the 16 bytes in which Windows stores it.
struct RegistryGUID: Sendable, Hashable {
  var bytes: [UInt8]

  /// - Returns: Nil for what is no GUID.
  init?(_ text: String) {
    guard text.first == "{", text.last == "}" else { return nil }
    let parts = text.dropFirst().dropLast().split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [8, 4, 4, 4, 12] else { return nil }
    let digits = Array(parts.joined())
    let plain = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    guard plain.count == 16 else { return nil }
    // The first three parts are numbers, the lowest byte first.
    bytes = plain[..<4].reversed() + plain[4..<6].reversed() + plain[6..<8].reversed() + plain[8...]
  }
}
