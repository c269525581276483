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
      controllers: controllers.byDisk, nicModel: nic.model)
    let needs =
      question.preparableGuest.map { guest in
        question.document.drivers.applying(to: guest, controllers: Set(controllers.byDisk)).filter { need in
          // Linux has the drivers of all models on its root disk; what must be supplied is asked for the chosen one.
          guest.family == "linux" || (need.nics.map { $0.contains(nic.model ?? "") } ?? true)
        }
      } ?? []
    return HardwareChoice(
      hardware: hardware, needs: needs,
      diagnostics: firmware.diagnostics + controllers.diagnostics + nic.diagnostics)
  }
}
