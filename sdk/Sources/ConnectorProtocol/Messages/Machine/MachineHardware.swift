/// What a machine's disks and network interfaces are attached by: the part of its hardware that can be changed once it
/// is made.
public struct MachineHardware: Codable, Hashable, Sendable {
  /// `CapabilityDocument.Controller.id` for each disk, by disk index.
  public var controllers: [String]
  /// `CapabilityDocument.NICModel.model` for every NIC; nil for a machine without any, and in a request where they stay
  /// as they are.
  public var nicModel: String?

  public init(controllers: [String], nicModel: String? = nil) {
    self.controllers = controllers
    self.nicModel = nicModel
  }
}

extension Hardware {
  /// The controllers and network interfaces alone.
  public var devices: MachineHardware { MachineHardware(controllers: controllers, nicModel: nicModel) }
}
