import ConnectorProtocol
import Planning
import Testing

/// Each bundled rule: kept, and broken.
@Suite struct BundledRulesTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var code: String
    var severity: Diagnostic.Severity = .blocker
    var breaks: @Sendable (inout PlannerInputs) -> Void
    var testDescription: String { code }
  }

  static let cases = [
    Case(code: "cpu.tooMany") { $0.machine.cpu.count = 17 },
    Case(code: "cpu.tooMany") { $0.mapping.cpuCount = 17 },
    Case(code: "memory.tooLarge") { $0.machine.memoryBytes = 64 * gib + 1 },
    Case(code: "disk.none") { $0.disks = [] },
    Case(code: "disk.tooMany") { $0.machine = .withDisks(5) },
    Case(code: "disk.bootTooLarge") { $0.disks[0].virtualSizeBytes = (2 << 40) + 1 },
    Case(code: "disk.noPath") { $0.mapping.diskFormat = "vdi" },
    Case(code: "nic.tooMany") { $0.machine.nics = (0..<3).map { .init(index: $0, network: "LAN") } },
    Case(code: "tag.tooMany") { $0.mapping.tags = ["a": "1", "b": "2"] },
    Case(code: "name.missing") { $0.machineName = "" },
    Case(code: "name.tooLong") { $0.machineName = "a23456789012345678901" },
    Case(code: "name.notAllowed") { $0.machineName = "Web 1" },
    Case(code: "name.unchecked", severity: .warning) { $0.document.limits.namePattern = "(" },
    Case(code: "network.unmapped", severity: .warning) { $0.mapping.networks = [:] },
    Case(code: "guest.notPreparable", severity: .warning) { $0.guest = .strange },
    Case(code: "guest.notPreparable", severity: .warning) { $0.guest = nil },
    Case(code: "guest.notPreparable", severity: .warning) { $0.guest?.preparable = false },
    Case(code: "firmware.notOffered") { $0.document.boot = [] },
    Case(code: "firmware.differs", severity: .warning) { $0.guest?.firmware = .uefi },
    Case(code: "secureBoot.lost", severity: .warning) {
      $0.machine.firmware = .init(type: .uefi, secureBoot: true)
      $0.document.boot.removeLast()
    },
    Case(code: "tpm.renewed", severity: .warning) { $0.machine.firmware = .init(type: .uefi, tpm: true) },
    Case(code: "tpm.lost", severity: .warning) { $0.machine.firmware = .init(type: .bios, tpm: true) },
    Case(code: "controller.notOffered") { $0.mapping.controller = "token-ring" },
    Case(code: "controller.none") { $0.document.controllers = [] },
    Case(code: "controller.unproven", severity: .warning) { $0.guest = nil },
    Case(code: "controller.fallback", severity: .warning) {
      $0.guest = .windows("10.0")
      $0.unavailableDrivers = ["vioscsi"]
    },
    Case(code: "controller.full") {
      $0.document.controllers.removeSubrange(1...)
      $0.machine = .withDisks(3)
    },
    Case(code: "controller.safe", severity: .note) { $0.hardware = .safe },
    Case(code: "controller.promotable", severity: .note) { $0.hardware = .safe },
    Case(code: "nic.notOffered") { $0.mapping.nicModel = "token-ring" },
    Case(code: "nic.unproven", severity: .warning) {
      $0.guest = nil
      $0.document.nics = [.init(model: "odd", max: 2)]
    },
    Case(code: "nic.fallback", severity: .note) {
      $0.guest = .windows("10.0")
      $0.document.drivers.append(.init(when: .init(family: "windows"), need: ["netkvm"], nics: ["virtio-net"]))
      $0.unavailableDrivers = ["netkvm"]
    },
    Case(code: "nic.promotable", severity: .note) { $0.hardware = .safe },
    Case(code: "guest.tooOldForGeneration") {
      $0.guest = .windows("6.1")
      $0.machine.firmware.type = .uefi
    },
    Case(code: "guest.oldOnUEFI", severity: .warning) {
      $0.guest = .windows("6.1")
      $0.machine.firmware.type = .uefi
      $0.document.boot[1].generation = nil
    },
    Case(code: "guest.deviceInstallationPolicy", severity: .warning) {
      $0.guest?.safeguards = ["device-installation-policy"]
    },
    Case(code: "guest.groupPolicy", severity: .note) { $0.guest?.safeguards = ["group-policy"] },
    Case(code: "guest.antivirus", severity: .warning) { $0.guest?.safeguards = ["antivirus: Sophos"] },
    Case(code: "disk.sectorSize", severity: .warning) { $0.machine.disks[0].sectorBytes = 4096 },
    Case(code: "guest.hibernated") { $0.guest?.hibernated = true },
    Case(code: "guest.hibernatedAsIs", severity: .warning) {
      $0.guest?.hibernated = true
      $0.preparation = .never
    },
    Case(code: "guest.bitlocker") {
      $0.guest = .strange
      $0.guest?.lockedVolumes = [.init(device: "/dev/sda3", type: "bitlocker")]
    },
    Case(code: "guest.bitlockerSealed", severity: .warning) { $0.guest?.encryption = ["bitlocker"] },
    Case(code: "guest.luksRoot") {
      $0.guest = .strange
      $0.guest?.lockedVolumes = [.init(device: "/dev/sda3", type: "luks", uuid: "0b6e8a3c")]
    },
    Case(code: "guest.luksRootAsIs", severity: .warning) {
      $0.guest = .strange
      $0.guest?.lockedVolumes = [.init(device: "/dev/sda3", type: "luks", uuid: "0b6e8a3c")]
      $0.preparation = .never
    },
    Case(code: "guest.severalSystems", severity: .warning) { $0.guest?.systemCount = 2 },
    Case(code: "guest.moduleMissing") {
      $0.guest?.kernels[0].modules = ["virtio_pci", "ext4"]
    },
    Case(code: "guest.driverMissing") {
      $0.guest = .windows("10.0")
      $0.unavailableDrivers = ["vioscsi"]
      $0.mapping.controller = "scsi0"
    },
    Case(code: "guest.driverMissingLater", severity: .warning) {
      $0.guest = .windows("10.0")
      $0.document.drivers.append(.init(when: .init(family: "windows"), need: ["balloon"]))
      $0.unavailableDrivers = ["balloon"]
    },
    Case(code: "guest.networkDriverMissing") {
      $0.guest?.kernels[0].modules = ["virtio_pci", "virtio_scsi"]
      $0.document.nics = [.init(model: "ena", max: 2)]
      $0.document.drivers.append(.init(when: .init(family: "linux"), need: ["ena"], nics: ["ena"]))
      $0.document.features = ["assignsAddresses"]
    },
    Case(code: "guest.moduleMissingLater", severity: .warning) {
      $0.guest?.kernels[0].modules = ["virtio_pci", "virtio_scsi"]
      $0.document.drivers.append(.init(when: .init(family: "linux"), need: ["virtio_net"], nics: ["virtio-net"]))
      $0.mapping.nicModel = "virtio-net"
    },
    Case(code: "guest.noSpaceInRoot") { $0.guest?.freeBytes = ["/": 100 * mib - 1] },
    Case(code: "guest.noSpaceInBoot") { $0.guest?.freeBytes = ["/": gib, "/boot": 50 * mib - 1] },
    Case(code: "guest.is32Bit", severity: .warning) { $0.guest?.architecture = "i686" },
    Case(code: "guest.is32BitOnUEFI") {
      $0.guest?.architecture = "i686"
      $0.mapping.firmware = .uefi
    },
    Case(code: "guest.oldKernel", severity: .warning) { $0.guest?.kernels[0].version = "2.6.18-8.el5" },
    Case(code: "guest.gptOnBIOS") {
      $0.guest = .windows("10.0")
      $0.guest?.partitionTable = "gpt"
    },
    Case(code: "guest.mbrOnUEFI") {
      $0.guest = .windows("10.0")
      $0.guest?.partitionTable = "mbr"
      $0.mapping.firmware = .uefi
    },
    Case(code: "guest.noInitramfs") { $0.guest?.kernels = [.init(version: "6.1", drivers: ["virtio_pci"])] },
    Case(code: "guest.initramfsUnreadable") { $0.guest?.kernels[0].unreadable = "it ends early" },
    Case(code: "guest.unifiedKernel") {
      $0.guest?.kernels = [.init(version: "6.6.8-arch1-1", unified: "/boot/EFI/Linux/arch-linux.efi")]
    },
    Case(code: "guest.kernelPassedOver", severity: .warning) {
      $0.guest?.kernels[1].initramfs = nil
      $0.guest?.kernels[1].startsByDefault = false
    },
    Case(code: "guest.noInitramfsAsIs", severity: .warning) {
      $0.guest?.kernels[0].initramfs = nil
      $0.preparation = .never
    },
    Case(code: "guest.initramfsUnreadableAsIs", severity: .warning) {
      $0.guest?.kernels[0].unreadable = "it ends early"
      $0.preparation = .never
    },
    Case(code: "guest.driverNotAtStart", severity: .warning) {
      $0.guest = .linux("virtio_pci")
      $0.preparation = .never
    },
    Case(code: "guest.driverNotAtStart", severity: .warning) {
      $0.guest = .windows("10.0")
      $0.guest?.drivers = []
      $0.document.drivers = [
        DriverNeed(when: .init(family: "windows"), need: ["vioscsi"], initramfs: true)
      ]
      $0.preparation = .never
    },
    Case(code: "guest.noKernel", severity: .warning) { $0.guest?.kernels = [] },
    Case(code: "guest.notBootable", severity: .warning) { $0.guest?.possibleFirmware = [] },
    Case(code: "guest.firmwareCannotStart") {
      $0.guest?.possibleFirmware = [.bios]
      $0.mapping.firmware = .uefi
    },
    Case(code: "guest.largeMBR", severity: .warning) {
      $0.guest?.partitionTable = "mbr"
      $0.disks[0].virtualSizeBytes = 2 << 40 + 1 << 30
    },
    Case(code: "guest.architectureNotOffered") { $0.guest?.architecture = "aarch64" },
    Case(code: "guest.secureBootTooOld") {
      $0.guest = .windows("6.1")
      $0.machine.firmware = .init(type: .uefi, secureBoot: true)
    },
    Case(code: "guest.oldWindows", severity: .warning) { $0.guest = .windows("5.2") },
    Case(code: "guest.fastStartup", severity: .warning) {
      $0.guest = .windows("10.0")
      $0.guest?.fastStartup = true
    },
    Case(code: "guest.dynamicDisks", severity: .warning) { $0.guest?.volumeManagers = ["dynamic-disks"] },
    Case(code: "guest.storageSpaces", severity: .warning) { $0.guest?.volumeManagers = ["storage-spaces"] },
    Case(code: "guest.raid", severity: .note) { $0.guest?.volumeManagers = ["lvm", "raid"] },
    Case(code: "guest.luksData", severity: .note) { $0.guest?.encryption = ["luks"] },
    Case(code: "guest.unreadable", severity: .note) {
      $0.guest?.unreadable = [.init(device: "/dev/sdb1", type: "zfs_member", reason: "no driver")]
    },
    Case(code: "guest.mountMissing", severity: .warning) {
      $0.guest?.missingMounts = [.init(path: "/data", device: "/dev/sdc1")]
    },
    Case(code: "guest.mountMissingAsIs", severity: .warning) {
      $0.guest?.missingMounts = [.init(path: "/data", device: "/dev/sdc1")]
      $0.preparation = .never
    },
    Case(code: "guest.noInodesInRoot") { $0.guest?.freeInodes = ["/": 99] },
    Case(code: "guest.noInodesInBoot") { $0.guest?.freeInodes = ["/": 5000, "/boot": 9] },
    Case(code: "guest.blockListLoader") { $0.guest?.bootLoader = "lilo" },
    Case(code: "guest.agents", severity: .note) { $0.guest?.agents = ["vmware-tools"] },
    Case(code: "guest.initialisesItself", severity: .note) { $0.guest?.agents = ["cloud-init"] },
    Case(code: "network.assignedAddress", severity: .warning) {
      $0.guest?.interfaces = [.init(name: "ens192", method: "static", addresses: ["10.0.0.5/24"], source: "ifupdown")]
      $0.document.features = ["assignsAddresses"]
    },
    Case(code: "network.tiedAddress", severity: .warning) {
      $0.guest?.interfaces = [.init(name: "eth0", method: "dhcp", mac: "00:50:56:00:00:01", source: "ifcfg")]
      $0.mapping.identity = "renew"
      $0.preparation = .never
    },
    Case(code: "network.staticAddress", severity: .note) {
      $0.guest?.interfaces = [.init(name: "ens192", method: "static", addresses: ["10.0.0.5/24"], source: "ifupdown")]
    },
    Case(code: "network.forgottenAddress", severity: .warning) {
      $0.guest = .windows("10.0")
      $0.guest?.interfaces = [.init(name: "Net", method: "static", addresses: ["10.0.0.5/24"], source: "registry")]
      $0.machine.nics.append(.init(index: 1, network: "LAN"))
    },
    Case(code: "network.renewedAddress", severity: .warning) {
      $0.guest?.interfaces = [.init(name: "ens192", method: "static", addresses: ["10.0.0.5/24"], source: "ifupdown")]
      $0.machine.nics.append(.init(index: 1, network: "LAN"))
      $0.mapping.identity = "renew"
    },
    Case(code: "network.namesNotKept", severity: .warning) {
      $0.machine.nics.append(.init(index: 1, network: "LAN"))
      $0.document.features = ["assignsAddresses"]
    },
    Case(code: "licence.windows", severity: .note) { $0.guest = .windows("10.0") },
    Case(code: "licence.subscription", severity: .note) { $0.guest?.distribution = "rhel" },
  ]

  /// Rules about what is known only later: the connector's answer (`PlanMergingTests`), and a connector that is not
  /// there (`RuleSetTests`).
  static let later: Set = ["disk.refused", "disk.shrunk", "connector.missing"]

  /// Every bundled rule has a case here that it finds.
  @Test func allAreTried() throws {
    let tried = Self.later.union(Self.cases.map(\.code))
    #expect(try RuleSet.bundled().map(\.id).filter { !tried.contains($0) } == [])
  }

  @Test(arguments: cases) func finds(case broken: Case) throws {
    var inputs = PlannerInputs.sample()
    #expect(!Planner.draft(inputs).diagnostics.contains { $0.code == broken.code })
    broken.breaks(&inputs)
    let plan = Planner.draft(inputs)
    // Nothing that a plan says comes from anywhere but a rule.
    let rules = Set(RuleSet.standard.rules.map(\.id))
    #expect(plan.diagnostics.allSatisfy { rules.contains($0.code) })
    let found = try #require(plan.diagnostics.first { $0.code == broken.code })
    #expect(found.severity == broken.severity)
    if broken.severity == .blocker { #expect(plan.isBlocked) }
    if broken.severity == .blocker { #expect(found.action != nil) }
  }

  @Test func limitsThemselvesAreAllowed() {
    let plan = Planner.draft(
      .sample {
        $0.machine = .withDisks(4)
        $0.machine.cpu.count = 16
        $0.machine.memoryBytes = 64 * gib
        $0.machineName = "a2345678901234567890"
        $0.machine.nics = (0..<2).map { .init(index: $0, network: "LAN") }
      })
    #expect(plan.diagnostics == [])
  }

  @Test func aStarMapsEveryNetwork() {
    let plan = Planner.draft(.sample { $0.mapping.networks = ["*": "br0"] })
    #expect(plan.diagnostics == [])
  }

  /// Each of these is close to a case above, and none of it is wrong.
  @Test func whatIsRightIsNotComplainedOf() {
    let plan = Planner.draft(
      .sample {
        $0.guest = .linux("virtio_pci", "virtio_scsi")
        $0.guest?.possibleFirmware = [.bios, .uefi]
        $0.guest?.firmware = .bios
        $0.guest?.partitionTable = "mbr"
        $0.guest?.encryption = []
        $0.guest?.volumeManagers = ["lvm"]
        $0.guest?.hibernated = false
        $0.guest?.systemCount = 1
        $0.guest?.bootLoader = "grub2"
        $0.guest?.freeBytes = ["/": 100 * mib, "/boot": 50 * mib]
        $0.guest?.freeInodes = ["/": 100, "/boot": 10]
        $0.guest?.interfaces = [.init(name: "eth0", method: "dhcp", mac: "00:50:56:00:00:01", source: "ifcfg")]
        $0.guest?.agents = []
        $0.guest?.kernels[0].modules = ["virtio_pci", "virtio_scsi", "virtio_net"]
        $0.document.features = ["assignsAddresses"]
      })
    #expect(plan.diagnostics == [])
  }

  /// What an earlier preparation put into `/boot` is no reason against a second one, which has nothing to put there.
  @Test func aFullBootDoesNotMatterWhereNoDriverIsLacking() {
    for (drivers, codes) in [(["virtio_pci", "virtio_scsi"], []), (["virtio_pci"], ["guest.noSpaceInBoot"])] {
      let plan = Planner.draft(
        .sample {
          for index in 0..<2 { $0.guest?.kernels[index].drivers = drivers }
          $0.guest?.freeBytes = ["/": gib, "/boot": mib]
        })
      #expect(plan.diagnostics.map(\.code) == codes)
    }
  }

  /// An old disk with both ways to start goes either way; a Windows is judged by its partition table.
  @Test func aHybridDiskStartsWithEitherFirmware() {
    for firmware in [FirmwareType.bios, .uefi] {
      let plan = Planner.draft(
        .sample {
          $0.guest?.possibleFirmware = [.bios, .uefi]
          $0.mapping.firmware = firmware
        })
      #expect(!plan.diagnostics.contains { $0.code == "guest.firmwareCannotStart" })
    }
  }

  @Test func aPlatformThatGivesAddressesMakesAFixedOneAWarningAndNotANote() {
    let plan = Planner.draft(
      .sample {
        $0.guest?.interfaces = [.init(name: "ens192", method: "static", addresses: ["10.0.0.5/24"], source: "ifupdown")]
        $0.document.features = ["assignsAddresses"]
      })
    #expect(plan.diagnostics.map(\.code) == ["network.assignedAddress"])
  }

  @Test func neverMeansNoComplaint() {
    let plan = Planner.draft(
      .sample {
        $0.guest = .strange
        $0.preparation = .never
      })
    #expect(!plan.diagnostics.contains { $0.code == "guest.notPreparable" })
  }
}
