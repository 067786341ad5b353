#include "m365/cloud.h"

namespace picket::m365 {
namespace {

constexpr Cloud kClouds[] = {
    {"commercial", "https://login.microsoftonline.com", "https://manage.office.com"},
    {"gcc", "https://login.microsoftonline.com", "https://manage-gcc.office.com"},
    {"gcc_high", "https://login.microsoftonline.us", "https://manage.office365.us"},
    {"dod", "https://login.microsoftonline.us", "https://manage.protection.apps.mil"},
    {"china", "https://login.partner.microsoftonline.cn", "https://manage.office365.cn"},
};

}  // namespace

std::span<const Cloud> Clouds() { return kClouds; }

const Cloud* FindCloud(std::string_view name) {
  for (const Cloud& cloud : kClouds) {
    if (cloud.name == name) return &cloud;
  }
  return nullptr;
}

}  // namespace picket::m365
