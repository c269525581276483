import ConnectorProtocol

/// QEMU's command line for a machine, without what differs from start to start (accelerator, serial port, detaching).
struct QEMUCommand: Sendable {
  var plan: MachinePlan
  /// The firmware's code, where the machine starts by UEFI.
  var firmware: Firmware?

  var arguments: [Argument] {
    board + processors + boot + disks + networks + console
  }

  private var board: [Argument] {
    let secure = plan.secureBoot ? ",smm=on" : ""
    return [
      "-name", .option(nil, [("guest", plan.name)]),
      "-machine", .text("\(plan.board.rawValue),usb=off,dump-guest-core=off\(secure)"),
      "-uuid", .text(plan.uuid),
      "-m", .text("\(plan.memoryBytes >> 20)M"),
      "-rtc", .text("base=\(plan.clock.rawValue)"),
      "-nodefaults",
      "-no-user-config",
    ]
  }

  private var processors: [Argument] {
    let topology = CPUTopology(plan.cpu)
    return [
      "-smp",
      .text("\(topology.count),sockets=\(topology.sockets),cores=\(topology.cores),threads=\(topology.threads)"),
    ]
  }

  private var boot: [Argument] {
    guard plan.firmware == .uefi, let firmware else { return [] }
    let guarded: [Argument] =
      plan.secureBoot ? ["-global", "driver=cfi.pflash01,property=secure,value=on"] : []
    return guarded + [
      "-drive",
      .option("if=pflash,unit=0,format=raw,readonly=on", [("file", firmware.code)]),
      "-drive",
      .option([("if", "pflash"), ("unit", "1"), ("format", "raw")], file: ("file", MachineFolder.variablesName)),
    ]
  }

  private var disks: [Argument] {
    let needsHBA = plan.disks.contains { $0.controller == .virtioSCSI }
    let order = plan.bootOrder
    return (needsHBA ? ["-device", "virtio-scsi-pci,id=scsi0"] : [])
      + plan.disks.enumerated().flatMap { slot, disk in
        let place = order.firstIndex(of: disk.index) ?? slot
        return Self.drive(disk) + ["-device", .text(device(disk) + ",bootindex=\(place + 1)")]
      }
  }

  static func drive(_ disk: MachinePlan.Disk) -> [Argument] {
    [
      "-drive",
      .option(
        [
          ("format", disk.format), ("if", "none"), ("id", "disk\(disk.index)"), ("cache", "writeback"),
          ("discard", "unmap"), ("detect-zeroes", "unmap"),
        ], file: ("file", disk.fileName)),
    ]
  }

  /// The device on its controller; places on one controller are given in the order of the disks.
  private func device(_ disk: MachinePlan.Disk) -> String {
    let place = plan.disks.filter { $0.controller == disk.controller }.firstIndex(of: disk) ?? 0
    return Self.device(disk, place: place)
  }

  static func device(_ disk: MachinePlan.Disk, place: Int) -> String {
    let drive = "drive=disk\(disk.index)"
    return switch disk.controller {
    case .virtioBlk: "virtio-blk-pci,\(drive)"
    case .virtioSCSI: "scsi-hd,\(drive),bus=scsi0.0,scsi-id=\(place),lun=0"
    case .nvme: "nvme,\(drive),serial=disk\(disk.index)"
    case .sata: "ide-hd,\(drive),bus=ide.\(place)"
    case .ide: "ide-hd,\(drive),bus=ide.\(place / 2),unit=\(place % 2)"
    }
  }

  private var networks: [Argument] {
    plan.nics.flatMap { nic -> [Argument] in
      let id = "net\(nic.index)"
      let device = "\(nic.model.rawValue),mac=\(nic.mac)"
      // Without a backend the interface is there and its cable is out.
      guard nic.network == Network.user.id else { return ["-device", .text(device)] }
      return ["-netdev", .text("user,id=\(id)"), "-device", .text(device + ",netdev=\(id)")]
    }
  }

  /// The sockets' paths are relative to the folder in which QEMU starts: a socket's path has 107 bytes at most.
  private var console: [Argument] {
    [
      "-device", "VGA",
      "-device", "isa-debugcon,iobase=0x402,chardev=firmware",
      "-chardev", .option([("id", "firmware")], file: ("file,path", "firmware.log")),
      "-chardev", .text("socket,id=qmp,server=on,wait=off,path=\(MachineFolder.qmpSocketName)"),
      "-mon", "chardev=qmp,mode=control",
      "-chardev", .option([("id", "monitor")], file: ("pipe,path", "monitor")),
      "-mon", "chardev=monitor,mode=readline",
      "-pidfile", Argument(.folder, .text("/qemu.pid")),
    ]
  }
}
