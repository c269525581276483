import ConnectorProtocol
import Planning
import Testing

/// What goes wrong in real migrations, in the words of those whom it happened to, and the rule that says so beforehand.
@Suite("What a plan must warn of") struct ExpectedFindingsTests {
  struct Trouble: CustomTestStringConvertible, Sendable {
    var what: String
    var rule: String
    var severity: Diagnostic.Severity
    var inputs: @Sendable (inout PlannerInputs) -> Void
    var testDescription: String { what }

    init(
      _ what: String, _ rule: String, _ severity: Diagnostic.Severity = .blocker,
      _ inputs: @escaping @Sendable (inout PlannerInputs) -> Void
    ) {
      self.what = what
      self.rule = rule
      self.severity = severity
      self.inputs = inputs
    }
  }

  static let firmware = [
    Trouble("a UEFI guest on a platform with BIOS only", "firmware.notOffered") {
      $0.machine.firmware.type = .uefi
      $0.document.boot.removeAll { $0.firmware == .uefi }
    },
    Trouble("a UEFI guest that is told to start with BIOS", "guest.firmwareCannotStart") {
      $0.guest?.possibleFirmware = [.uefi]
    },
    Trouble("a backup that forgot that the guest starts with UEFI", "firmware.differs", .warning) {
      $0.guest?.firmware = .uefi
    },
    Trouble("Windows on GPT on a machine of the first generation", "guest.gptOnBIOS") {
      $0.guest = .windows("10.0")
      $0.guest?.partitionTable = "gpt"
    },
    Trouble("Windows on MBR on a machine of the second generation", "guest.mbrOnUEFI") {
      $0.guest = .windows("10.0")
      $0.guest?.partitionTable = "mbr"
      $0.machine.firmware.type = .uefi
    },
    Trouble("GPT without a partition that firmware starts from", "guest.notBootable", .warning) {
      $0.guest?.partitionTable = "gpt"
      $0.guest?.possibleFirmware = []
    },
    Trouble("Windows 2008 R2 on a machine of the second generation", "guest.tooOldForGeneration") {
      $0.guest = .windows("6.1")
      $0.machine.firmware.type = .uefi
    },
    Trouble("Windows 7 with Secure Boot", "guest.secureBootTooOld") {
      $0.guest = .windows("6.1")
      $0.machine.firmware = .init(type: .uefi, secureBoot: true)
    },
    Trouble("a 32-bit guest on 64-bit UEFI", "guest.is32BitOnUEFI") {
      $0.guest?.architecture = "i686"
      $0.mapping.firmware = .uefi
    },
    Trouble("a 32-bit guest", "guest.is32Bit", .warning) { $0.guest?.architecture = "i386" },
    Trouble("an ARM guest on a platform of x86", "guest.architectureNotOffered") { $0.guest?.architecture = "aarch64" },
    Trouble("Secure Boot that the platform does not have", "secureBoot.lost", .warning) {
      $0.machine.firmware = .init(type: .uefi, secureBoot: true)
      $0.document.boot.removeLast()
    },
    Trouble("a virtual TPM, whose secrets cannot move", "tpm.renewed", .warning) {
      $0.machine.firmware = .init(type: .uefi, secureBoot: true, tpm: true)
    },
    Trouble("a boot disk beyond 2 TiB on MBR", "guest.largeMBR", .warning) {
      $0.guest?.partitionTable = "mbr"
      $0.disks[0].virtualSizeBytes = 3 << 40
    },
    Trouble("a boot disk that the platform does not start from", "disk.bootTooLarge") {
      $0.disks[0].virtualSizeBytes = 3 << 40
    },
  ]

  static let drivers = [
    Trouble("Windows without the boot driver (stop 0x7B)", "guest.driverMissing") {
      $0.guest = .windows("10.0")
      $0.mapping.controller = "scsi0"
      $0.unavailableDrivers = ["vioscsi"]
    },
    Trouble("the same, where the platform has something emulated", "controller.fallback", .warning) {
      $0.guest = .windows("10.0")
      $0.unavailableDrivers = ["vioscsi"]
    },
    Trouble("a plain import: nobody puts drivers in", "guest.driverNotAtStart", .warning) {
      $0.guest = .linux("ext4")
      $0.preparation = .never
    },
    Trouble("a cloud kernel without the platform's modules", "guest.moduleMissing") {
      $0.guest?.kernels[0].modules = ["virtio_pci"]
    },
    Trouble("a unified kernel image, to which nothing can be added", "guest.unifiedKernel") {
      $0.guest?.kernels = [.init(version: "6.6.8", unified: "/efi/EFI/Linux/arch-linux.efi", startsByDefault: true)]
    },
    Trouble("an old kernel whose initramfs somebody deleted", "guest.kernelPassedOver", .warning) {
      $0.guest?.kernels[1].initramfs = nil
      $0.guest?.kernels[1].startsByDefault = false
    },
    Trouble("a kernel that is older than its drivers", "guest.oldKernel", .warning) {
      $0.guest?.kernels[0].version = "2.6.18-398.el5"
    },
    Trouble("a system that nobody here can prepare", "guest.notPreparable", .warning) { $0.guest?.preparable = false },
    Trouble("no driver for the network: it starts, and cannot be reached", "nic.fallback", .note) {
      $0.guest = .windows("10.0")
      $0.document.drivers.append(.init(when: .init(family: "windows"), need: ["netkvm"], nics: ["virtio-net"]))
      $0.unavailableDrivers = ["netkvm"]
    },
    Trouble("a kernel from before the only network interface of the platform", "guest.networkDriverMissing") {
      $0.guest?.kernels[0].modules = ["virtio_pci", "virtio_scsi", "virtio_net"]
      $0.document.nics = [.init(model: "ena", max: 2)]
      $0.document.drivers.append(.init(when: .init(family: "linux"), need: ["ena"], nics: ["ena"]))
      $0.document.features = ["assignsAddresses"]
    },
    Trouble("a program against malware that guards the drivers", "guest.antivirus", .warning) {
      $0.guest?.safeguards = ["antivirus: McAfee"]
    },
    Trouble("group policies that undo what was set", "guest.groupPolicy", .note) {
      $0.guest?.safeguards = ["group-policy"]
    },
  ]

  static let disks = [
    Trouble("LUKS without a key", "guest.luksRoot") {
      $0.guest = .strange
      $0.guest?.encryption = ["luks"]
      $0.guest?.lockedVolumes = [.init(device: "/dev/sda3", type: "luks", uuid: "0b6e8a3c")]
    },
    Trouble("BitLocker without a key", "guest.bitlocker") {
      $0.guest = .strange
      $0.guest?.encryption = ["bitlocker"]
      $0.guest?.lockedVolumes = [.init(device: "/dev/sda3", type: "bitlocker")]
    },
    Trouble("a hibernated Windows", "guest.hibernated") {
      $0.guest = .windows("10.0")
      $0.guest?.hibernated = true
    },
    Trouble("fast start-up, which is hibernation too", "guest.fastStartup", .warning) {
      $0.guest = .windows("10.0")
      $0.guest?.fastStartup = true
    },
    Trouble("a disk in fstab that is not in the backup", "guest.mountMissing", .warning) {
      $0.guest?.missingMounts = [.init(path: "/data", device: "UUID=0b6e8a3c")]
    },
    Trouble("no space in /", "guest.noSpaceInRoot") { $0.guest?.freeBytes = ["/": 99 * mib] },
    Trouble("no space in /boot", "guest.noSpaceInBoot") { $0.guest?.freeBytes = ["/": gib, "/boot": 49 * mib] },
    Trouble("no inode left", "guest.noInodesInRoot") { $0.guest?.freeInodes = ["/": 3] },
    Trouble("two systems on one machine", "guest.severalSystems", .warning) { $0.guest?.systemCount = 2 },
    Trouble("dynamic disks", "guest.dynamicDisks", .warning) { $0.guest?.volumeManagers = ["dynamic-disks"] },
    Trouble("a filesystem that this computer is too old for", "guest.unreadable", .note) {
      $0.guest?.unreadable = [.init(device: "/dev/sdb1", type: "xfs", reason: "unknown feature")]
    },
    Trouble("too many disks", "disk.tooMany") { $0.machine = .withDisks(5) },
    Trouble("no room for all disks on its controllers", "controller.full") {
      $0.document.controllers.removeSubrange(1...)
      $0.machine = .withDisks(4)
    },
    Trouble("no space for a copy that the platform insists on", "disk.noPath") {
      $0.document.disks.accepts = Accepts.streamVMDK
      $0.freeStagingBytes = 1 << 20
    },
    Trouble("sectors of 4096 bytes", "disk.sectorSize", .warning) { $0.machine.disks[0].sectorBytes = 4096 },
  ]

  static let network = [
    Trouble("too many network interfaces", "nic.tooMany") {
      $0.machine.nics = (0..<3).map { .init(index: $0, network: "LAN") }
    },
    Trouble("a fixed address where the platform gives them", "network.assignedAddress", .warning) {
      $0.guest?.interfaces = [.init(name: "eth0", method: "static", addresses: ["10.0.0.5/24"], source: "ifcfg")]
      $0.document.features = ["assignsAddresses"]
    },
    Trouble("a fixed address in another network", "network.staticAddress", .note) {
      $0.guest?.interfaces = [.init(name: "eth0", method: "static", addresses: ["10.0.0.5/24"], source: "ifcfg")]
    },
    Trouble("fixed addresses of several interfaces of a Windows", "network.forgottenAddress", .warning) {
      $0.guest = .windows("10.0")
      $0.guest?.interfaces = [.init(name: "Net", method: "static", addresses: ["10.0.0.5/24"], source: "registry")]
      $0.machine.nics.append(.init(index: 1, network: "LAN"))
    },
    Trouble("a configuration tied to the old hardware address", "network.tiedAddress", .warning) {
      $0.guest?.interfaces = [.init(name: "eth0", method: "dhcp", mac: "00:50:56:00:00:01", source: "ifcfg")]
      $0.mapping.identity = "renew"
      $0.preparation = .never
    },
    Trouble("a network that nobody mapped", "network.unmapped", .warning) { $0.mapping.networks = [:] },
    Trouble("Windows that wants to be activated again", "licence.windows", .note) { $0.guest = .windows("10.0") },
    Trouble("a subscription", "licence.subscription", .note) { $0.guest?.distribution = "sles" },
    Trouble("cloud-init that takes it for a new machine", "guest.initialisesItself", .note) {
      $0.guest?.agents = ["cloud-init"]
    },
    Trouble("tools of the old platform", "guest.agents", .note) { $0.guest?.agents = ["vmware-tools"] },
    Trouble("a name that the platform does not take", "name.notAllowed") { $0.machineName = "Web 1" },
    Trouble("more processors than there are", "cpu.tooMany") { $0.machine.cpu.count = 64 },
    Trouble("more memory than there is", "memory.tooLarge") { $0.machine.memoryBytes = 512 * gib },
  ]

  @Test(arguments: firmware + drivers + disks + network) func isFound(trouble: Trouble) throws {
    let plan = Planner.draft(.sample(trouble.inputs))
    let found = try #require(plan.diagnostics.first { $0.code == trouble.rule }, "\(plan.diagnostics)")
    #expect(found.severity == trouble.severity)
    #expect(plan.isBlocked || trouble.severity != .blocker)
    // Whoever reads it learns why, or what to do.
    #expect(found.detail != nil || found.action != nil)
  }
}
