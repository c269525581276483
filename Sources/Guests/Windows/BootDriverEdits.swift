/// What the registry must say so that Windows starts with a driver: the service, and which devices it drives.
///
/// Up to Windows 7 and 2008 R2 the kernel finds the driver of the disk that it is on in `CriticalDeviceDatabase`, from
/// Windows 8 and 2012 on in `DriverDatabase`. The keys are those that virt-v2v writes, with one package for each driver.
struct BootDriverEdits: Sendable {
  /// The keys of the control sets that count: `ControlSet001`.
  var controlSets: [String]
  var hasDriverDatabase: Bool
  var architecture: WindowsTarget.Architecture

  func edits(for driver: BootDriver) -> [RegistryEdit] {
    controlSets.flatMap { service(driver, [$0, "Services", driver.service]) }
      + (hasDriverDatabase ? database(driver) : controlSets.flatMap { critical(driver, $0) })
  }

  /// Lets an installed service start with the kernel.
  func enabling(_ service: String, in controlSet: String, hasOverride: Bool) -> [RegistryEdit] {
    let key = [controlSet, "Services", service]
    return [.set(key, "Start", .dword(0))] + (hasOverride ? [.deleteKey(key + ["StartOverride"])] : [])
  }

  func criticalDevices(_ driver: InBoxDriver) -> [RegistryEdit] {
    guard !hasDriverDatabase else { return [] }
    return controlSets.flatMap { controlSet in
      driver.criticalDevices.flatMap { device in
        let key = [controlSet, "Control", "CriticalDeviceDatabase", device.id]
        return [
          RegistryEdit.set(key, "Service", .string(device.service)),
          .set(key, "ClassGUID", .string(device.classGUID)),
        ]
      }
    }
  }

  private func service(_ driver: BootDriver, _ key: [String]) -> [RegistryEdit] {
    [
      .set(key, "Type", .dword(driver.type)),
      .set(key, "Start", .dword(0)),
      .set(key, "Group", .string(driver.group)),
      // Normal, whatever the package says: a critical one that fails makes Windows fall back to another control set.
      .set(key, "ErrorControl", .dword(1)),
      .set(key, "ImagePath", .expandString("system32\\drivers\\\(driver.file)")),
      .deleteKey(key + ["StartOverride"]),
    ] + driver.parameters.map { .set(key + $0.key, $0.name, $0.value) }
  }

  private func critical(_ driver: BootDriver, _ controlSet: String) -> [RegistryEdit] {
    driver.devices.flatMap { id in
      let key = [controlSet, "Control", "CriticalDeviceDatabase", id.replacing("\\", with: "#")]
      return [
        RegistryEdit.set(key, "Service", .string(driver.service)),
        .set(key, "ClassGUID", .string(driver.classGUID)),
      ]
    }
  }

  private func database(_ driver: BootDriver) -> [RegistryEdit] {
    let name = driver.service.lowercased()
    // Not the name of the package's own INF file: when that is installed at the first start, it gets its own entry.
    let inf = "ascend_\(name).inf"
    let configuration = "\(name)_conf"
    // Tools of Windows refuse to list drivers when one has a label of another form.
    let label = "\(inf)_\(architecture.rawValue)_0000000000000000"
    let database = ["DriverDatabase"]
    let package = database + ["DriverPackages", label]
    var edits: [RegistryEdit] = [
      .set(database + ["DriverInfFiles", inf], "", .multiString([label])),
      .set(database + ["DriverInfFiles", inf], "Active", .string(label)),
      .set(database + ["DriverInfFiles", inf], "Configurations", .multiString([configuration])),
      .set(package, "Version", .binary(version(driver))),
      .set(package + ["Configurations", configuration], "ConfigFlags", .dword(0)),
      .set(package + ["Configurations", configuration], "Service", .string(driver.service)),
    ]
    for id in driver.devices {
      let parts = id.split(separator: "\\", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      edits.append(.set(database + ["DeviceIds"] + parts, inf, .binary([0x01, 0xff, 0x00, 0x00])))
      edits.append(.set(package + ["Descriptors"] + parts, "Configuration", .string(configuration)))
    }
    return edits
  }

  /// What Windows keeps of a package: a mark, its class, and its date and version, which may be zero.
  private func version(_ driver: BootDriver) -> [UInt8] {
    let guid = RegistryGUID(driver.classGUID)?.bytes ?? [UInt8](repeating: 0, count: 16)
    return [0x00, 0xff, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00] + guid + [UInt8](repeating: 0, count: 24)
  }
}
