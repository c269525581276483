import ConnectorProtocol
import Foundation
import Planning
import Testing

@Suite struct HardwareChooserTests {
  /// What a plan says of hardware, and what the rules about it find.
  private struct Chosen {
    var hardware: Hardware
    var needs: [DriverNeed]
    var diagnostics: [Diagnostic]
  }

  private func choose(
    _ guest: GuestFacts?, machine: MachineDescription = .sample(), mapping: Mapping = Mapping(),
    preparation: PreparationMode = .auto, without: Set<String> = [], document: CapabilityDocument = .sample(),
    policy: HardwarePolicy = .preferred
  ) -> Chosen {
    let plan = Planner.draft(
      .sample {
        $0.document = document
        $0.machine = machine
        $0.guest = guest
        $0.mapping = mapping
        $0.preparation = preparation
        $0.unavailableDrivers = without
        $0.hardware = policy
      })
    let areas = ["firmware.", "secureBoot.", "tpm.", "controller.", "nic."]
    return Chosen(
      hardware: plan.hardware, needs: plan.preparation.needs,
      diagnostics: plan.diagnostics.filter { found in
        found.code != "nic.tooMany" && areas.contains { found.code.hasPrefix($0) }
      })
  }

  private func codes(_ choice: Chosen) -> [String] { choice.diagnostics.map(\.code) }

  // MARK: controllers and drivers

  @Test func takesThePreferredControllerAndNamesItsDrivers() {
    let choice = choose(.linux())
    #expect(choice.hardware.controllers == ["scsi0"])
    #expect(choice.hardware.nicModel == "virtio-net")
    #expect(choice.needs.map(\.need) == [["virtio_pci", "virtio_scsi"], ["virtio_net"]])
    #expect(choice.diagnostics.isEmpty)
  }

  @Test(arguments: [
    ("6.1", ["vioscsi-old"]), ("6.3", ["vioscsi-old"]), ("10.0", ["vioscsi"]), ("10.0.26100", ["vioscsi"]),
  ])
  func needsGoByVersion(version: String, drivers: [String]) {
    #expect(choose(.windows(version)).needs.flatMap(\.need) == drivers)
  }

  @Test func tooOldHasNoNeeds() {
    #expect(choose(.windows("5.2")).needs.isEmpty)
  }

  @Test func passesOverWhatCannotBeHad() {
    let choice = choose(.windows("10.0"), without: ["vioscsi"])
    #expect(choice.hardware.controllers == ["ide0"])
    let uefi = choose(.windows("10.0"), machine: .sample { $0.firmware.type = .uefi }, without: ["vioscsi"])
    #expect(uefi.hardware.controllers == ["nvme0"])
    // The machine starts, and the plan says what would give it the better one.
    let fallback = choice.diagnostics.first { $0.code == "controller.fallback" }
    #expect(fallback?.severity == .warning)
    #expect(fallback?.detail?.contains("vioscsi") == true && fallback?.action?.contains("--drivers") == true)
    #expect(codes(choose(.windows("10.0"))) == [])
  }

  @Test func passesOverNetworkInterfacesWithoutDriver() {
    let document = CapabilityDocument.sample {
      $0.drivers.append(DriverNeed(when: .init(family: "windows"), need: ["netkvm"], nics: ["virtio-net"]))
    }
    #expect(choose(.windows("10.0"), document: document).hardware.nicModel == "virtio-net")
    let choice = choose(.windows("10.0"), without: ["netkvm"], document: document)
    #expect(choice.hardware.nicModel == "e1000")
    #expect(codes(choice) == ["nic.fallback"])
    // What the other model would have needed is not asked for.
    #expect(!choice.needs.flatMap(\.need).contains("netkvm"))
  }

  /// What a real connector says of itself, not a sample of it.
  @Test(arguments: [("6.1", "e1000"), ("6.2", "e1000e"), ("10.0", "e1000e")])
  func windowsSevenGetsANetworkInterfaceOnQEMUThatItKnows(version: String, model: String) throws {
    let file = URL(filePath: #filePath).appending(path: "../../../Plugins/qemu/connector.json").standardizedFileURL
    let document = try JSONDecoder().decode(CapabilityDocument.self, from: Data(contentsOf: file))
    let without: Set = ["netkvm", "e1iexpress", "viostor", "vioscsi"]
    let choice = choose(.windows(version), without: without, document: document)
    #expect(choice.hardware.nicModel == model)
    #expect(choose(.windows("6.1"), document: document).hardware.nicModel == "virtio-net-pci")
    #expect(choose(.windows("6.1"), without: ["netkvm"], document: document).hardware.nicModel == "e1000e")
  }

  @Test(
    arguments: [
      (["ahci", "virtio_scsi"], "sata0"), (["virtio-pci", "virtio-scsi"], "scsi0"), (["ata_piix", "ahci"], "ide0"),
    ])
  func unpreparedItGoesByTheDriversThatAreThere(drivers: [String], controller: String) {
    var guest = GuestFacts.linux()
    for index in guest.kernels.indices { guest.kernels[index].drivers += drivers }
    let choice = choose(guest, preparation: .never)
    #expect(choice.hardware.controllers == [controller])
    #expect(choice.needs.isEmpty)
    #expect(codes(choice) == [])
  }

  @Test func aGuestThatCannotBePreparedGoesByTheDriversThatAreThere() {
    var guest = GuestFacts.linux()
    guest.preparable = false
    for index in guest.kernels.indices { guest.kernels[index].drivers += ["ahci"] }
    let choice = choose(guest)
    #expect(choice.hardware.controllers == ["sata0"])
    #expect(choice.needs.isEmpty)
  }

  @Test func everyKernelMustHaveThem() {
    var guest = GuestFacts.linux()
    guest.kernels[0].drivers += ["virtio_pci", "virtio_scsi"]
    let choice = choose(guest, preparation: .never)
    #expect(codes(choice) == ["controller.unproven"])
  }

  @Test func unknownGuestsKeepTheBusTheyHave() {
    let machine = MachineDescription.sample { $0.controllers = [.init(id: "c0", bus: "sata")] }
    let choice = choose(.strange, machine: machine)
    #expect(choice.hardware.controllers == ["sata0"])
    #expect(!codes(choice).contains("controller.unproven"))
  }

  @Test(arguments: [nil, GuestFacts.strange]) func unknownGuestsGetASafeOneWithAWarning(guest: GuestFacts?) {
    let choice = choose(guest)
    #expect(choice.hardware.controllers == ["ide0"])
    #expect(choice.hardware.nicModel == "e1000")
    #expect(choice.needs.isEmpty)
    #expect(codes(choice) == ["controller.unproven"])
  }

  @Test func aLinuxWithoutTheModuleOfANetworkInterfaceGetsTheNext() {
    let document = CapabilityDocument.sample {
      $0.drivers.append(DriverNeed(when: .init(family: "linux"), need: ["virtio_net"], nics: ["virtio-net"]))
      $0.drivers.append(DriverNeed(when: .init(family: "linux"), need: ["e1000"], nics: ["e1000"]))
    }
    var guest = GuestFacts.linux()
    #expect(choose(guest, document: document).hardware.nicModel == "virtio-net")
    for index in 0..<2 { guest.kernels[index].modules = ["virtio_net", "e1000"] }
    #expect(choose(guest, document: document).hardware.nicModel == "virtio-net")
    // One of its kernels would start without a network.
    guest.kernels[1].modules = ["e1000"]
    let choice = choose(guest, document: document)
    #expect(choice.hardware.nicModel == "e1000" && codes(choice) == ["nic.fallback"])
    // There is none that suits both: what starts by default decides.
    guest.kernels[0].modules = ["virtio_net"]
    guest.kernels[0].startsByDefault = false
    guest.kernels[1].startsByDefault = true
    #expect(choose(guest, document: document).hardware.nicModel == "e1000")
  }

  @Test func theMappingDecides() {
    let choice = choose(.linux(), mapping: Mapping(controller: "sata", nicModel: "e1000"))
    #expect(choice.hardware.controllers == ["sata0"])
    #expect(choice.hardware.nicModel == "e1000")
    #expect(choice.needs.map(\.need) == [["ahci"], ["virtio_net"]])
  }

  @Test func theMappingCannotAskForWhatThereIsNot() {
    let choice = choose(.linux(), mapping: Mapping(controller: "nvme0", nicModel: "token-ring"))
    #expect(codes(choice) == ["controller.notOffered", "nic.notOffered"])
    #expect(choice.diagnostics.allSatisfy { $0.severity == .blocker && $0.action != nil })
  }

  @Test func disksOverflowToTheNextController() {
    let choice = choose(.linux(), machine: .withDisks(5))
    #expect(choice.hardware.controllers == ["scsi0", "scsi0", "ide0", "ide0", "sata0"])
    #expect(choice.needs.flatMap(\.need) == ["virtio_pci", "virtio_scsi", "ata_piix", "ahci", "virtio_net"])
  }

  @Test func disksThatFitNowhereBlock() {
    let choice = choose(.linux(), machine: .withDisks(9))
    #expect(choice.hardware.controllers.count == 9)
    #expect(codes(choice) == ["controller.full"])
  }

  @Test func theBootDiskHangsOnABootableController() {
    let document = CapabilityDocument.sample { $0.controllers[0].bootable = false }
    let choice = choose(.linux(), machine: .withDisks(2), document: document)
    #expect(choice.hardware.controllers == ["ide0", "scsi0"])
  }

  @Test func aMachineWithoutNetworkNeedsNone() {
    let choice = choose(.linux(), machine: .sample { $0.nics = [] })
    #expect(choice.hardware.nicModel == nil)
  }

  @Test func anUnknownNetworkInterfaceIsWarnedOf() {
    let document = CapabilityDocument.sample { $0.nics = [.init(model: "odd", max: 1)] }
    #expect(codes(choose(.strange, document: document)).contains("nic.unproven"))
    let same = CapabilityDocument.sample { $0.nics.append(.init(model: "vmxnet3", max: 1)) }
    #expect(choose(.strange, document: same).hardware.nicModel == "vmxnet3")
  }

  // MARK: emulated hardware, to be promoted later

  @Test func emulatedHardwareIsChosenWhereItIsAskedFor() {
    let choice = choose(.linux(), policy: .safe)
    #expect(choice.hardware.controllers == ["sata0"])
    #expect(choice.hardware.nicModel == "e1000")
    // What the platform's first choice needs is put in too.
    #expect(choice.needs.flatMap(\.need) == ["virtio_pci", "virtio_scsi", "ahci", "virtio_net"])
    #expect(codes(choice) == ["controller.safe", "controller.promotable", "nic.promotable"])
    #expect(choice.diagnostics.allSatisfy { $0.severity == .note })
    #expect(choice.diagnostics[1].summary.contains("scsi0"))
  }

  @Test func whatCannotBeHadIsNotPromised() {
    let windows = choose(.windows("10.0"), without: ["vioscsi"], policy: .safe)
    #expect(windows.hardware.controllers == ["sata0"])
    #expect(!windows.needs.flatMap(\.need).contains("vioscsi"))
    #expect(codes(windows) == ["controller.safe", "nic.promotable"])
    var kernel = GuestFacts.linux("ahci")
    kernel.kernels[1].modules = ["ahci"]
    let linux = choose(kernel, policy: .safe)
    #expect(linux.hardware.controllers == ["sata0"])
    #expect(linux.needs.flatMap(\.need) == ["ahci", "virtio_net"])
    #expect(codes(linux) == ["controller.safe", "nic.promotable"])
  }

  @Test func anUnpreparedGuestGetsEmulatedHardwareTooWhereThatIsAskedFor() {
    let choice = choose(.linux("virtio_pci", "virtio_scsi"), preparation: .never, policy: .safe)
    #expect(choice.hardware.controllers == ["sata0"] && choice.needs.isEmpty)
    #expect(codes(choice).contains("controller.safe") && !codes(choice).contains("controller.promotable"))
  }

  @Test func aPlatformWithoutEmulatedHardwareGivesWhatItHas() {
    let document = CapabilityDocument.sample { $0.controllers.removeAll { $0.id == "sata0" || $0.id == "ide0" } }
    let choice = choose(.linux(), document: document, policy: .safe)
    #expect(choice.hardware.controllers == ["scsi0"])
    #expect(codes(choice) == ["nic.promotable"])
    #expect(choose(.linux(), mapping: Mapping(controller: "nvme0"), policy: .safe).hardware.controllers == [""])
  }

  // MARK: firmware

  @Test func theGenerationGoesWithTheWayToStart() {
    #expect(choose(.linux()).hardware.generation == nil)
    let machine = MachineDescription.sample { $0.firmware = .init(type: .uefi, secureBoot: true) }
    #expect(choose(.linux(), machine: machine).hardware.generation == "secure")
  }

  @Test func keepsTheFirmware() {
    let choice = choose(.linux(), machine: .sample { $0.firmware.type = .uefi })
    #expect(choice.hardware.firmware == .uefi)
    #expect(codes(choice) == [])
  }

  @Test func theGuestKnowsBetter() {
    var guest = GuestFacts.linux()
    guest.firmware = .uefi
    let choice = choose(guest)
    #expect(choice.hardware.firmware == .uefi)
    #expect(codes(choice) == ["firmware.differs"])
    let asked = choose(guest, mapping: Mapping(firmware: .bios))
    #expect(asked.hardware.firmware == .bios)
    #expect(codes(asked) == ["firmware.differs"])
  }

  @Test func firmwareThatIsNotOfferedBlocks() {
    let document = CapabilityDocument.sample { $0.boot.removeAll { $0.firmware == .uefi } }
    let choice = choose(.linux(), machine: .sample { $0.firmware.type = .uefi }, document: document)
    #expect(codes(choice) == ["firmware.notOffered"])
    #expect(choice.diagnostics.first?.severity == .blocker)
  }

  @Test(arguments: [("arm64", "firmware.notOffered"), ("riscv64", "firmware.notOffered")])
  func anotherArchitectureBlocks(architecture: String, code: String) {
    var guest = GuestFacts.linux()
    guest.architecture = architecture
    #expect(codes(choose(guest)) == [code])
  }

  @Test(arguments: ["amd64", "i686", "x86_64"]) func namesOfOneArchitecture(name: String) {
    var guest = GuestFacts.linux()
    guest.architecture = name
    #expect(choose(guest).hardware.arch == "x86_64")
  }

  @Test func keepsSecureBootWhereItCan() {
    let machine = MachineDescription.sample { $0.firmware = .init(type: .uefi, secureBoot: true, tpm: true) }
    let kept = choose(.linux(), machine: machine)
    #expect(kept.hardware.secureBoot && kept.hardware.tpm)
    #expect(codes(kept) == ["tpm.renewed"])
    let lost = choose(.linux(), machine: machine, document: .sample { $0.boot.removeLast() })
    #expect(!lost.hardware.secureBoot && !lost.hardware.tpm)
    #expect(codes(lost) == ["secureBoot.lost", "tpm.lost"])
  }
}
