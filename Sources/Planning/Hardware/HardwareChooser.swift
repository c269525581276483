import ConnectorProtocol

/// Chooses firmware, controllers and network interfaces from what the platform offers and what the guest can use.
public struct HardwareChooser: Sendable {
  private let question: HardwareQuestion

  public init(_ question: HardwareQuestion) {
    self.question = question
  }

  public func choose() -> HardwareChoice {
    let firmware = FirmwareChooser(question: question).choose()
    let controllers = ControllerChooser(question: question, firmware: firmware.boot.firmware).choose()
    let nic = NICChooser(question: question).choose()
    let hardware = Hardware(
      firmware: firmware.boot.firmware, secureBoot: firmware.secureBoot, tpm: firmware.tpm, arch: firmware.boot.arch,
      controllers: controllers.byDisk, nicModel: nic.model, generation: firmware.boot.generation)
    return HardwareChoice(
      hardware: hardware, needs: needs(controllers, nic),
      remarks: HardwareRemarks(firmware: firmware.remarks, controller: controllers.remarks, nic: nic.remarks))
  }

  /// Of the chosen hardware, and of that which the machine can be moved to later.
  private func needs(_ controllers: ControllerChooser.Choice, _ nic: NICChooser.Choice) -> [DriverNeed] {
    guard let guest = question.preparableGuest else { return [] }
    let used = Set(controllers.byDisk + [controllers.remarks.promotable].compactMap(\.self))
    let models = [nic.model, nic.remarks.promotable].compactMap(\.self)
    return question.document.drivers.applying(to: guest, controllers: used).filter { need in
      // Linux has the drivers of all models on its root disk; what must be supplied is asked for the chosen one.
      guest.family == "linux" || (need.nics.map { models.contains(where: $0.contains) } ?? true)
    }
  }
}
