public import ConnectorProtocol
public import Support

/// What other hardware a machine that was restored is to get.
public struct PromotionWish: Hashable, Sendable {
  /// A controller's id or bus; with neither this nor a model, what the plan said that the machine can be moved to.
  public var controller: String?
  public var nicModel: String?
  /// To what it was made with.
  public var back: Bool

  public init(controller: String? = nil, nicModel: String? = nil, back: Bool = false) {
    self.controller = controller
    self.nicModel = nicModel
    self.back = back
  }
}

/// Chooses the hardware of a machine that is there already: what the platform offers and the guest is known to have
/// drivers for. What is only likely is not enough: the machine starts today.
public struct PromotionChooser: Sendable {
  private let plan: RestorePlan
  private let present: MachineHardware
  /// As narrowed for the endpoint.
  private let document: CapabilityDocument

  public init(plan: RestorePlan, present: MachineHardware, document: CapabilityDocument) {
    self.plan = plan
    self.present = present
    self.document = document
  }

  /// - Throws: `promote.nothing`, `promote.notOffered`, `promote.noDriver`.
  public func choose(_ wish: PromotionWish) throws(AscendError) -> MachineHardware {
    if wish.back {
      guard present != plan.hardware.devices else {
        throw AscendError(
          "promote.nothing", "The machine has what it was made with", object: plan.machineName, cause: present.text)
      }
      return plan.hardware.devices
    }
    var (controller, model) = (wish.controller, wish.nicModel)
    if controller == nil, model == nil {
      guard let promised = plan.promotable else {
        throw AscendError(
          "promote.nothing", "The plan names no hardware that the machine can be moved to", object: plan.machineName,
          remedy: "Name it with --controller or --nic, or restore with --hardware safe")
      }
      (controller, model) = (promised.controller, promised.nicModel)
    }
    var wanted = present
    if let controller { wanted.controllers = try controllers(controller) }
    if let model { wanted.nicModel = try nic(model) }
    guard wanted != present else {
      throw AscendError(
        "promote.nothing", "The machine has this hardware already", object: plan.machineName, cause: present.text)
    }
    return wanted
  }

  // MARK: Disks

  /// The disks on the controller of this name, the first one first, as far as it has room; the others stay.
  private func controllers(_ name: String) throws(AscendError) -> [String] {
    let offered = document.controllers.filter {
      $0.bootable && $0.firmware?.contains(plan.hardware.firmware) ?? true
    }
    guard let chosen = offered.first(where: { $0.id == name || $0.bus == name }) else {
      throw notOffered("controller", name, offered.map(\.id))
    }
    try checkDrivers(of: chosen)
    var controllers = present.controllers
    let boot = plan.disks.first { $0.boot }?.index ?? 0
    let order = controllers.indices.sorted { ($0 == boot ? -1 : $0) < ($1 == boot ? -1 : $1) }
    for index in order.prefix(chosen.maxDisks) { controllers[index] = chosen.id }
    return controllers
  }

  private func checkDrivers(of controller: CapabilityDocument.Controller) throws(AscendError) {
    // It was planned with it, and has started so.
    if plan.hardware.controllers.contains(controller.id) { return }
    guard let guest = plan.guest else { throw noDriver(controller.id, "nothing is known of the guest") }
    let needs = document.drivers.applying(to: guest, controllers: [controller.id]).filter {
      $0.controllers != nil || $0.initramfs
    }
    guard !needs.isEmpty else {
      throw noDriver(controller.id, "the platform does not say which driver such a guest needs for it")
    }
    let missing = needs.filter { !isPrepared($0) && !guest.hasAtBoot($0.need) }.flatMap(\.need)
    guard missing.isEmpty else {
      throw noDriver(controller.id, "\(missing.joined(separator: ", ")) was not put into it, nor seen in it")
    }
  }

  // MARK: Network interfaces

  private func nic(_ name: String) throws(AscendError) -> String {
    guard present.nicModel != nil else {
      throw AscendError("promote.nothing", "The machine has no network interface", object: plan.machineName)
    }
    guard document.nics.contains(where: { $0.model == name }) else {
      throw notOffered("network interface", name, document.nics.map(\.model))
    }
    if name == plan.hardware.nicModel { return name }
    guard let guest = plan.guest, guest.understood else { throw noDriver(name, "nothing is known of the guest") }
    // Linux has drivers on its root disk, or has none.
    if guest.family == "linux" {
      let lacking = guest.missingModules(document.drivers.network(name, guest))
      guard let kernel = lacking.first else { return name }
      throw noDriver(name, "kernel \(kernel.kernel) has no module \(kernel.modules.joined(separator: ", "))")
    }
    let missing = document.drivers.filter {
      $0.nics?.contains(name) == true && $0.when.matches(guest) && !isPrepared($0)
    }.flatMap(\.need)
    guard missing.isEmpty else {
      throw noDriver(name, "\(missing.joined(separator: ", ")) was not put into it")
    }
    return name
  }

  /// The restore has put all that is needed into the guest.
  private func isPrepared(_ need: DriverNeed) -> Bool {
    guard plan.preparation.planned else { return false }
    let put = Set(plan.preparation.needs.flatMap(\.need).map(GuestFacts.moduleName))
    return need.need.map(GuestFacts.moduleName).allSatisfy(put.contains)
  }

  private func notOffered(_ what: String, _ name: String, _ offered: [String]) -> AscendError {
    AscendError(
      "promote.notOffered", "The platform has no \(what) '\(name)' for this machine", object: plan.target.name,
      remedy: offered.isEmpty ? nil : "Choose one of \(offered.joined(separator: ", "))")
  }

  private func noDriver(_ name: String, _ why: String) -> AscendError {
    AscendError(
      "promote.noDriver", "The guest is not known to have a driver for \(name): the machine might not start with it",
      object: plan.machineName, cause: why,
      remedy: "Restore the machine anew with it (`controller` and `nicModel` in a mapping), which puts the driver in")
  }
}
