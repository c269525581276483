public import ConnectorProtocol

/// What hardware is chosen from.
public struct HardwareQuestion: Sendable {
  /// As narrowed for the endpoint.
  public var document: CapabilityDocument
  public var machine: MachineDescription
  /// Nil where the guest was not looked at.
  public var guest: GuestFacts?
  public var mapping: Mapping
  public var preparation: PreparationMode
  /// Drivers that the guest would need and that cannot be had: a controller that needs one is passed over.
  public var unavailableDrivers: Set<String>
  public var policy: HardwarePolicy

  public init(
    document: CapabilityDocument, machine: MachineDescription, guest: GuestFacts? = nil, mapping: Mapping = Mapping(),
    preparation: PreparationMode = .auto, unavailableDrivers: Set<String> = [],
    policy: HardwarePolicy = .preferred
  ) {
    self.document = document
    self.machine = machine
    self.guest = guest
    self.mapping = mapping
    self.preparation = preparation
    self.unavailableDrivers = unavailableDrivers
    self.policy = policy
  }

  /// The guest, where it can be changed and may be.
  var preparableGuest: GuestFacts? {
    guard preparation == .auto, let guest, self.guest.whyNotPreparable == nil else { return nil }
    return guest
  }
}

/// The hardware that the machine will have, what its guest needs for it, and what was come across on the way.
public struct HardwareChoice: Hashable, Sendable {
  public var hardware: Hardware
  public var needs: [DriverNeed]
  public var remarks: HardwareRemarks
}
