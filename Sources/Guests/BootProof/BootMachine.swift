import ConnectorProtocol
import Support

/// A QEMU machine with the hardware of a target: its command line, or why there is none. Pure.
struct BootMachine: Sendable {
  /// Files that the machine reads and writes in its private folder.
  struct Files: Sendable {
    var folder: String
    var serial: String { folder + "/serial.log" }
    var terminal: String { folder + "/serial" }
    var firmwareLog: String { folder + "/firmware.log" }
    var monitor: String { folder + "/monitor" }
    var variables: String { folder + "/variables.fd" }
    func packets(_ nic: Int) -> String { "\(folder)/nic\(nic).pcap" }
  }

  let hardware: BootHardware
  let table: DeviceTable
  /// UEFI only.
  let firmware: BootFirmware?

  private static let memoryLimit: Int64 = 2 << 30
  private static let mostNICs = 4

  /// Why a boot on this hardware proves nothing about the target; nil where it does.
  static func obstacle(_ hardware: BootHardware, _ table: DeviceTable) -> String? {
    guard hardware.arch == "x86_64" else { return "machines of architecture \(hardware.arch) are not booted here" }
    guard !hardware.buses.isEmpty else { return "the machine has no disk" }
    for bus in hardware.buses {
      guard let controller = table.controller(bus) else { return "\(bus): no device of QEMU is known for it" }
      if let why = controller.missing { return "\(bus): \(why)" }
      if controller.board != nil, hardware.firmware == .uefi { return "\(bus): QEMU has it only with BIOS" }
      let count = hardware.buses.filter { $0 == bus }.count
      if let places = controller.places, count > places {
        return "\(bus): QEMU's has \(places) places, the machine \(count) disks"
      }
    }
    if hardware.firmware == .uefi, BootFirmware.find(secureBoot: hardware.secureBoot) == nil {
      return "no UEFI firmware\(hardware.secureBoot ? " with Secure Boot" : "") is installed (package ovmf)"
    }
    return nil
  }

  /// NICs that QEMU has no device for; the machine is booted without them.
  static func missingNICs(_ hardware: BootHardware, _ table: DeviceTable) -> [String] {
    hardware.nics.compactMap { nic in
      guard let known = table.nic(nic.model) else { return "\(nic.model): no device of QEMU is known for it" }
      return known.missing.map { "\(nic.model): \($0)" }
    }
  }

  /// Whether the machine that is booted has a network interface.
  static func hasNetwork(_ hardware: BootHardware, _ table: DeviceTable) -> Bool {
    hardware.nics.prefix(mostNICs).contains { table.nic($0.model)?.device != nil }
  }

  func arguments(_ disks: [GuestDisk], _ files: Files, accelerated: Bool) -> [String] {
    board(accelerated) + boot(files) + drives(disks) + networks(files) + console(files)
  }

  private func board(_ accelerated: Bool) -> [String] {
    let name = hardware.buses.compactMap { table.controller($0)?.board }.first ?? "q35"
    return [
      "-nodefaults", "-no-user-config", "-display", "none",
      "-machine", "\(name),usb=off,dump-guest-core=off\(hardware.secureBoot ? ",smm=on" : "")",
      "-accel", accelerated ? "kvm" : "tcg,thread=multi", "-cpu", accelerated ? "host" : "max",
      "-m", "\(Self.memoryMiB(hardware))M", "-smp", String(max(1, min(hardware.cpuCount, 2))),
      "-device", "VGA",
    ]
  }

  /// What the guest gets: as much as it will have there, within bounds.
  static func memoryMiB(_ hardware: BootHardware) -> Int {
    Int(max(256 << 20, min(hardware.memoryBytes, memoryLimit)) >> 20)
  }

  private func boot(_ files: Files) -> [String] {
    guard hardware.firmware == .uefi, let firmware else { return [] }
    let guarded = hardware.secureBoot ? ["-global", "driver=cfi.pflash01,property=secure,value=on"] : []
    return guarded + [
      "-drive", "if=pflash,unit=0,format=raw,readonly=on,file=\(Self.quoted(firmware.code))",
      "-drive", "if=pflash,unit=1,format=raw,file=\(Self.quoted(files.variables))",
    ]
  }

  /// Every write goes to a temporary file of QEMU's that nobody else can open.
  private func drives(_ disks: [GuestDisk]) -> [String] {
    var arguments: [String] = []
    var placed: [String: Int] = [:]
    for (index, disk) in disks.enumerated() where hardware.buses.indices.contains(index) {
      let bus = hardware.buses[index]
      guard let controller = table.controller(bus), let device = controller.disk else { continue }
      let adapter = "adapter-\(controller.names[0])"
      let place = placed[adapter, default: 0]
      if place == 0, let template = controller.adapter {
        arguments += ["-device", Self.fill(template, ["adapter": adapter])]
      }
      placed[adapter] = place + 1
      let values = [
        "drive": "disk\(index)", "adapter": adapter, "place": String(place), "channel": String(place / 2),
        "unit": String(place % 2),
      ]
      // The disk to start from first, then the others in their order.
      let order = index == hardware.bootDisk ? 0 : index + 1
      arguments += [
        "-drive",
        "if=none,id=disk\(index),format=\(disk.format),snapshot=on,cache=unsafe,file=\(Self.quoted(disk.path))",
        "-device", Self.fill(device, values) + ",bootindex=\(order)",
      ]
    }
    return arguments
  }

  /// A cable that ends in this process: somebody gives an address there, and nothing else is reachable.
  private func networks(_ files: Files) -> [String] {
    hardware.nics.prefix(Self.mostNICs).enumerated().flatMap { index, nic -> [String] in
      guard let device = table.nic(nic.model)?.device else { return [] }
      let mac = nic.mac.flatMap { Self.mac($0) }.map { ",mac=\($0)" } ?? ""
      return [
        "-netdev", "user,id=net\(index),restrict=on,ipv6=off",
        // Without its own boot code: the firmware shall not wait for a network to start from.
        "-device", "\(device),netdev=net\(index),romfile=\(mac)",
        "-object",
        "filter-dump,id=dump\(index),netdev=net\(index),maxlen=400,file=\(Self.quoted(files.packets(index)))",
      ]
    }
  }

  private func console(_ files: Files) -> [String] {
    [
      // What the guest says is written down by QEMU; the pipe is for what is typed.
      "-chardev", "pipe,id=serial,path=\(Self.quoted(files.terminal)),logfile=\(Self.quoted(files.serial))",
      "-serial", "chardev:serial",
      "-chardev", "file,id=firmware,path=\(Self.quoted(files.firmwareLog))",
      "-device", "isa-debugcon,iobase=0x402,chardev=firmware",
      "-chardev", "pipe,id=monitor,path=\(Self.quoted(files.monitor))", "-mon", "chardev=monitor,mode=control",
    ]
  }

  private static func fill(_ template: String, _ values: [String: String]) -> String {
    values.reduce(template) { $0.replacing("{\($1.key)}", with: $1.value) }
  }

  /// QEMU reads a comma in an option as its end, and two as one comma.
  static func quoted(_ text: String) -> String { text.replacing(",", with: ",,") }

  /// Backups write addresses in several ways; QEMU takes one.
  static func mac(_ text: String) -> String? {
    guard let address = NetworkWish.normalised(text), let first = UInt8(address.prefix(2), radix: 16), first & 1 == 0
    else {
      return nil
    }
    return address
  }
}
