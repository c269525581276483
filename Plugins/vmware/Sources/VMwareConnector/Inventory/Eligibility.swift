/// Why something cannot be chosen now, in words that go into a sentence; nil where it can.
enum Eligibility {
  static func why(_ entity: Entity) -> String? {
    switch entity.reference.type {
    case "Datastore": datastore(entity)
    case "HostSystem": host(entity)
    case "Network", "DistributedVirtualPortgroup", "OpaqueNetwork":
      entity.bool("summary.accessible") == false ? "no host can reach it" : nil
    default: nil
    }
  }

  private static func datastore(_ entity: Entity) -> String? {
    if entity.bool("summary.accessible") == false { return "it is not accessible" }
    if let mode = entity.string("summary.maintenanceMode"), mode != "normal", !mode.isEmpty {
      return "it is in maintenance (\(mode))"
    }
    let writable = entity.facts["host"]?.items.filter { mount in
      mount.string("mountInfo.accessMode") != "readOnly" && mount.bool("mountInfo.accessible") != false
    }
    if let writable, writable.isEmpty, !(entity.facts["host"]?.items.isEmpty ?? true) {
      return "every host has it read-only"
    }
    return nil
  }

  private static func host(_ entity: Entity) -> String? {
    if let state = entity.string("runtime.connectionState"), state != "connected" { return "it is \(state)" }
    if entity.bool("runtime.inMaintenanceMode") == true { return "it is in maintenance" }
    if let state = entity.string("runtime.powerState"), state == "poweredOff" || state == "standBy" {
      return "it is \(state)"
    }
    return nil
  }
}
