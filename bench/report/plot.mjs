export function plot() {}
