import ConnectorProtocol
import Support
import Testing

@testable import Planning

/// What a machine that was restored may be moved to.
@Suite struct PromotionChooserTests {
  /// A plan with emulated hardware, as far as the guest allows.
  private func plan(
    _ guest: GuestFacts? = .linux(), machine: MachineDescription = .sample(), without: Set<String> = [],
    preparation: PreparationMode = .auto, policy: HardwarePolicy = .safe, document: CapabilityDocument = .sample()
  ) -> RestorePlan {
    var plan = Planner.draft(
      .sample {
        $0.document = document
        $0.machine = machine
        $0.guest = guest
        $0.preparation = preparation
        $0.unavailableDrivers = without
        $0.hardware = policy
      })
    plan.guest = guest
    return plan
  }

  private func choose(
    _ plan: RestorePlan, _ wish: PromotionWish = PromotionWish(), present: MachineHardware? = nil,
    document: CapabilityDocument = .sample()
  ) throws -> MachineHardware {
    try PromotionChooser(plan: plan, present: present ?? plan.hardware.devices, document: document).choose(wish)
  }

  private func refusal(_ body: () throws -> MachineHardware) -> AscendError? {
    do {
      Issue.record("chosen: \(try body())")
      return nil
    } catch { return error as? AscendError }
  }

  @Test func whatThePlanNamedIsTaken() throws {
    let plan = plan()
    #expect(plan.hardware.devices == MachineHardware(controllers: ["sata0"], nicModel: "e1000"))
    #expect(plan.promotable == Promotable(controller: "scsi0", nicModel: "virtio-net"))
    let better = MachineHardware(controllers: ["scsi0"], nicModel: "virtio-net")
    #expect(try choose(plan) == better)
    #expect(refusal { try choose(plan, present: better) }?.code == "promote.nothing")
    #expect(try choose(plan, PromotionWish(back: true), present: better) == plan.hardware.devices)
    #expect(refusal { try choose(plan, PromotionWish(back: true)) }?.code == "promote.nothing")
  }

  @Test func aPlanThatNamesNothingOffersNothing() {
    let fast = plan(policy: .preferred)
    #expect(fast.promotable == nil)
    #expect(refusal { try choose(fast) }?.code == "promote.nothing")
    #expect(plan(preparation: .never).promotable == Promotable(nicModel: "virtio-net"))
  }

  @Test func oneOfTheTwoLeavesTheOther() throws {
    let plan = plan()
    #expect(
      try choose(plan, PromotionWish(controller: "virtio-scsi"))
        == MachineHardware(controllers: ["scsi0"], nicModel: "e1000"), "by its bus")
    #expect(
      try choose(plan, PromotionWish(nicModel: "virtio-net"))
        == MachineHardware(controllers: ["sata0"], nicModel: "virtio-net"))
  }

  @Test func aDriverThatWasNeitherPutInNorSeenIsNone() throws {
    // The drivers of ide0 were not asked for: they are in the guest only where they were seen there.
    let error = refusal { try choose(plan(), PromotionWish(controller: "ide0")) }
    #expect(error?.code == "promote.noDriver" && error?.cause?.contains("ata_piix") == true)
    #expect(try choose(plan(.linux("ata-piix")), PromotionWish(controller: "ide0")).controllers == ["ide0"])
    // An unprepared guest may have it from the start; what is not looked at has nothing.
    let asIs = plan(.linux("virtio_pci", "virtio_scsi"), preparation: .never)
    #expect(try choose(asIs, PromotionWish(controller: "scsi0")).controllers == ["scsi0"])
    let unknown = plan(nil, preparation: .never)
    #expect(refusal { try choose(unknown, PromotionWish(controller: "scsi0")) }?.code == "promote.noDriver")
    #expect(refusal { try choose(unknown, PromotionWish(nicModel: "virtio-net")) }?.code == "promote.noDriver")
  }

  @Test func windowsHasWhatWasPutIn() throws {
    let document = CapabilityDocument.sample {
      $0.drivers.append(DriverNeed(when: .init(family: "windows"), need: ["netkvm"], nics: ["virtio-net"]))
    }
    let plan = plan(.windows("10.0"), document: document)
    #expect(
      try choose(plan, document: document) == MachineHardware(controllers: ["scsi0"], nicModel: "virtio-net"))
    let poor = self.plan(.windows("10.0"), without: ["vioscsi", "netkvm"], document: document)
    for wish in [PromotionWish(controller: "scsi0"), PromotionWish(nicModel: "virtio-net")] {
      #expect(refusal { try choose(poor, wish, document: document) }?.code == "promote.noDriver")
    }
  }

  @Test func whatThePlatformLacksIsNotOffered() {
    let plan = plan()
    for wish in [
      PromotionWish(controller: "floppy"), PromotionWish(controller: "nvme0"), PromotionWish(nicModel: "token-ring"),
    ] {
      let error = refusal { try choose(plan, wish) }
      #expect(error?.code == "promote.notOffered" && error?.remedy?.isEmpty == false, "\(wish)")
    }
  }

  @Test func disksThatHaveNoRoomStay() throws {
    let plan = plan(machine: .withDisks(3))
    #expect(plan.hardware.controllers == ["sata0", "sata0", "sata0"])
    // scsi0 takes two.
    #expect(try choose(plan).controllers == ["scsi0", "scsi0", "sata0"])
  }

  @Test func aMachineWithoutNetworkHasNoInterfaceToChange() throws {
    let plan = plan(machine: .sample { $0.nics = [] })
    #expect(plan.promotable == Promotable(controller: "scsi0"))
    #expect(try choose(plan) == MachineHardware(controllers: ["scsi0"]))
    #expect(refusal { try choose(plan, PromotionWish(nicModel: "virtio-net")) }?.code == "promote.nothing")
  }
}
