public import ConnectorProtocol

/// What was found on a machine's disks.
public struct GuestInspection: Sendable, Hashable, Codable {
  public var facts: GuestFacts
  /// Every kind of firmware that the disks can start with; `facts.firmware` is the one that was chosen of them.
  public var possibleFirmware: [FirmwareType]
  /// The device of the root filesystem in the appliance, where `/dev/sda` is the first disk.
  public var root: String?
  /// Mount points and their devices, shortest path first.
  public var mounts: [Mount]
  /// `deb`, `rpm` …
  public var packageFormat: String?
  public var kernels: [InstalledKernel]
  /// Things worth knowing that did not prevent the inspection.
  public var notes: [String]

  public struct Mount: Sendable, Hashable, Codable {
    public var path: String
    public var device: String

    public init(path: String, device: String) {
      self.path = path
      self.device = device
    }
  }
}
