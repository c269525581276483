public import ConnectorProtocol

/// What was come across while hardware was chosen: facts, `choice` to the rules, which say what of it matters.
public struct HardwareRemarks: Codable, Hashable, Sendable {
  public var firmware = Firmware()
  public var controller = Controller()
  public var nic = NIC()

  public struct Firmware: Codable, Hashable, Sendable {
    /// Another firmware than the disks start with, and who says it (`The backup`, `The mapping`), and where.
    public var said: FirmwareType?
    public var saidBy: String?
    public var saidAt: String?
    /// What the disks start with, where another was said.
    public var real: FirmwareType?
    /// Whether the platform starts machines with the firmware on the architecture that were chosen.
    public var isOffered = true
    /// What it starts: `bios on x86_64, uefi on x86_64`.
    public var offers = ""
  }

  public struct Controller: Codable, Hashable, Sendable {
    /// What the mapping asks for and the platform does not offer.
    public var asked: String?
    /// Those that start a machine with the chosen firmware, by id.
    public var offered: [String] = []
    /// The one of the boot disk, and its bus.
    public var first: String?
    public var firstBus: String?
    /// Why it is not sure that the guest has its driver.
    public var unproven: String?
    /// The platform's first choice, where it was not taken, and the drivers that cannot be had for it.
    public var passedOver: String?
    public var passedOverDrivers: [String] = []
    /// Emulated hardware was asked for.
    public var safe = false
    /// The platform's first choice, where emulated hardware was asked for and the guest gets its drivers too.
    public var promotable: String?
    /// Disks that no controller has room for.
    public var unplacedDisks = 0
  }

  public struct NIC: Codable, Hashable, Sendable {
    /// What the mapping asks for and the platform does not offer.
    public var asked: String?
    public var offered: [String] = []
    /// Models for which a guest that is known has the drivers, or gets them.
    public var usable: [String]?
    /// The model for which the guest may lack a driver.
    public var unproven: String?
    /// The platform's first choice, where it was not taken for want of drivers.
    public var passedOver: String?
    /// The platform's first choice, where emulated hardware was asked for and the guest gets its drivers too.
    public var promotable: String?
  }
}
