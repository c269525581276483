public import ConnectorProtocol

/// The hardware on which a boot is tried, in the protocol's own words.
public struct BootHardware: Codable, Hashable, Sendable {
  public var firmware: FirmwareType
  public var secureBoot: Bool
  public var arch: String
  public var cpuCount: Int
  public var memoryBytes: Int64
  /// The bus of each disk's controller (`CapabilityDocument.Controller.bus`), in the order of the disks.
  public var buses: [String]
  /// Place of the disk that the machine starts from.
  public var bootDisk: Int
  public var nics: [NIC]

  public struct NIC: Codable, Hashable, Sendable {
    public var model: String
    /// Nil where the machine gets a new address.
    public var mac: String?

    public init(model: String, mac: String? = nil) {
      self.model = model
      self.mac = mac
    }
  }

  public init(
    firmware: FirmwareType, secureBoot: Bool = false, arch: String = "x86_64", cpuCount: Int = 2,
    memoryBytes: Int64 = 1 << 30, buses: [String], bootDisk: Int = 0, nics: [NIC] = []
  ) {
    self.firmware = firmware
    self.secureBoot = secureBoot
    self.arch = arch
    self.cpuCount = cpuCount
    self.memoryBytes = memoryBytes
    self.buses = buses
    self.bootDisk = bootDisk
    self.nics = nics
  }

  /// For people: `uefi with Secure Boot, disks on nvme, network e1000e`
  public var description: String {
    var unique: [String] = []
    for bus in buses where !unique.contains(bus) { unique.append(bus) }
    let network = nics.first.map { "network \($0.model)" } ?? "no network"
    return "\(firmware.rawValue)\(secureBoot ? " with Secure Boot" : ""), disks on "
      + "\(unique.joined(separator: ", ")), \(network)"
  }
}
