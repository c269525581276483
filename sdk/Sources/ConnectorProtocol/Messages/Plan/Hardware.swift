/// The virtual hardware that the machine will have: chosen by the host from the capability document.
public struct Hardware: Codable, Hashable, Sendable {
  public var firmware: FirmwareType
  public var secureBoot: Bool
  public var tpm: Bool
  public var arch: String
  /// `CapabilityDocument.Controller.id` for each disk, by disk index.
  public var controllers: [String]
  /// `CapabilityDocument.NICModel.model` for every NIC.
  public var nicModel: String?
  /// `CapabilityDocument.Boot.generation`, where the chosen way to boot has one.
  public var generation: String?

  public init(
    firmware: FirmwareType, secureBoot: Bool = false, tpm: Bool = false, arch: String, controllers: [String],
    nicModel: String? = nil, generation: String? = nil
  ) {
    self.firmware = firmware
    self.secureBoot = secureBoot
    self.tpm = tpm
    self.arch = arch
    self.controllers = controllers
    self.nicModel = nicModel
    self.generation = generation
  }
}
